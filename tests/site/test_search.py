"""The search: a learner's question leads to the section that answers it, however the page was opened."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from rendered import PHONE, SITE

# What a learner types, and one or two sections that answer it. Written before there was a search to
# try them on: where one of them is not found, the search is to be changed and not the question.
QUESTIONS = {
    "eigenvector": "what_you_need#directions-that-stay",
    "numpy broadcasting": "numpy_axes#arrays-of-different-shapes",
    "perceptron convergence": "everything_is_a_mapping#when-the-perceptron-must-succeed",
    "learning rate too high": "linear_regression#three-learning-rates linear_regression#how-large-a-step",
    "normal equation": "linear_regression#the-closed-form-and-when-there-is-only-one",
    "relu": "layers_and_activations#the-activations-and-their-slopes",
    "dying relu": "layers_and_activations#the-activations-and-their-slopes layers_and_activations#exercise-4",
    "softmax": "losses#from-logits-to-probabilities losses#without-overflow",
    "softmax overflow": "losses#without-overflow",
    "cross entropy": "losses#from-likelihood-to-loss losses#from-logits-to-probabilities",
    "how do i check my gradient": "backpropagation#derivative-checking backpropagation#exercise-5",
    "forgot zero_grad": "automatic_differentiation#break-it pytorch#break-it",
    "adam vs adamw": "optimizers#adamw-decay-the-weights-not-the-gradient",
    "why is my loss nan": "training#when-training-is-stuck losses#without-overflow",
    "f1": "training#four-counts-four-numbers training#by-hand",
    "how to choose learning rate": "better#one-short-run-finds-the-rate linear_regression#how-large-a-step",
    "k-fold cross validation": "better#every-example-tested-once",
    "overfitting": "generalisation#generalisation generalisation#three-parts-of-an-error",
    "dropout eval": "generalisation#break-it generalisation#dropout",
    "early stopping": "generalisation#early-stopping-is-nearly-the-same generalisation#exercise-4",
    "batch norm": "starting_well#batch-normalisation",
    "weight initialization": "starting_well#how-large-the-first-weights-should-be",
    "what does padding do": "convolution#where-the-kernel-is-laid",
    "receptive field": "convolution#how-far-an-output-sees",
    "how many parameters in a cnn": "cnn_digits#by-hand cnn_digits#exercise-2",
    "train on gpu": "pytorch#the-same-on-a-gpu",
    "random crop flip": "augmentation#the-code",
    "residual connection": "going_deep#the-block",
    "fine-tune a pretrained model": "shoulders#learning-from-somebody-elses-pictures",
    "vanishing gradient": (
        "recurrent#products-of-many-matrices layers_and_activations#the-activations-and-their-slopes"
    ),
    "gradient clipping": "recurrent#clipping recurrent#exercise-5",
    "lstm forget gate bias": "lstm_gru#what-the-gates-are-at-the-beginning lstm_gru#question-2",
    "time series baseline": "forecasting#what-costs-nothing forecasting#exercise-2",
    "sampling temperature": "writing#temperature writing#it-writes",
    "word embeddings": "reading#a-table-of-rows reading#what-the-embeddings-learnt",
    "positional encoding": "attention#positions",
    "beam search": "transformer#from-one-sequence-to-another",
    "who invented backpropagation": "history#a-short-history",
    "what is eta": "notation#letters",
    "DataLoader": "api#dlbook.data.DataLoader training#the-code",
}

# The section that a link leads to, without the folder.
FOUND = "query => find(query).slice(0, 3).map(hit => `${hit.url.match(/(\\w+).html/)[1]}#${hit.anchor}`)"


@pytest.mark.parametrize("base", ["http", "file"])
def test_the_right_section_is_among_the_first_three(visit, server, base):
    tab = visit("search.html", base=server if base == "http" else SITE.resolve().as_uri())
    found = {question: tab.evaluate(FOUND, question) for question in QUESTIONS}
    missed = {
        q: found[q] for q, right in QUESTIONS.items() if not set(right.split()) & set(found[q])
    }
    assert len(missed) <= 2, missed


def test_every_section_that_can_be_found_is_there(visit):
    pages = visit("search.html").evaluate("PAGES.map(p => [p.url, p.sections.map(s => s.anchor)])")
    for url, anchors in pages:
        there = set(re.findall(r'id="([^"]+)"', (SITE / url).read_text("utf-8")))
        assert set(anchors) <= there, url


@pytest.mark.parametrize("where", ["http", "file", "folder"])
def test_a_hit_leads_to_its_section_with_the_words_marked(visit, server, server_of, where):
    path = "search.html?q=softmax+overflow"
    if where == "folder":
        tab = visit(f"{SITE.name}/{path}", base=server_of(SITE.parent))
    else:
        tab = visit(path, base=server if where == "http" else SITE.resolve().as_uri())
    hit = tab.locator("#search-results li").first
    assert hit.locator("mark").first.inner_text() == "overflows"
    hit.locator("a").click()
    tab.wait_for_selector("#without-overflow span.highlighted")
    assert tab.url.endswith("losses.html#without-overflow")
    assert tab.evaluate(
        "document.querySelector('#without-overflow').getBoundingClientRect().top < innerHeight"
    )


def test_words_typed_anywhere_arrive_at_the_results(visit):
    tab = visit("chapters/losses.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("overflow")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#search-results mark")
    assert "found" in tab.get_by_role("status").inner_text()
    tab.keyboard.type("s in softmax")  # the field has the focus
    tab.wait_for_url("**/search.html?q=overflows+in+softmax")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('#search-results li:first-child')")


def test_half_a_word_and_a_slip_are_found(visit):
    tab = visit("search.html")
    assert "recurrent#clipping" in tab.evaluate(FOUND, "clippin")
    assert "losses#without-overflow" in tab.evaluate(FOUND, "sofmax overflow")
    assert set(tab.evaluate(FOUND, "weight initialisation")) == set(
        tab.evaluate(FOUND, "weight initialization")
    )


def test_nothing_found_says_so_and_leads_on(visit):
    tab = visit("search.html?q=qqqqzz")
    assert tab.get_by_role("status").inner_text() == "No section found."
    assert tab.locator("#search-nothing li").count() == 3
    for link in tab.locator("#search-nothing a").all():
        assert link.is_visible()
    tab.locator("#search-nothing a").first.click()
    tab.wait_for_selector("#search-results mark")
    assert not tab.locator("#search-nothing").is_visible()


@pytest.mark.parametrize("query", ["gradient", "qqqqzz"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_shut_out(visit, query, theme):
    tab = visit(f"search.html?q={query}", color_scheme=theme, viewport=PHONE)
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    found = Axe().run(tab, options={"preload": False})  # it would fetch style sheets anew
    assert found.violations_count == 0, found.generate_report()


def test_without_javascript_it_says_where_to_look(browser, server):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{server}/search.html?q=gradient")
    assert tab.locator("noscript p").is_visible()
    context.close()


def test_sphinx_keeps_its_inventory_and_no_index_of_its_own():
    assert (SITE / "objects.inv").exists()
    assert not list(SITE.glob("**/searchindex.js")) + list(SITE.glob("**/searchtools.js"))
