"""Series: one number, or a few, for each year, week or day."""

from typing import NamedTuple

import numpy as np

from .files import columns


class Sunspots(NamedTuple):
    """The year (309,) int64 and the mean number of sunspots in it (309,) float64."""

    year: np.ndarray
    number: np.ndarray


class CO2(NamedTuple):
    """The Saturday (2284,) datetime64[D] and CO2 in the air (2284,) float64, ppm; gaps are NaN."""

    date: np.ndarray
    ppm: np.ndarray


def sunspots() -> Sunspots:
    """Mean number of sunspots in each year from 1700 to 2008: 309 numbers, a cycle of about 11.

    Licence: public domain. Source: the statsmodels package.
    """
    table = columns("sunspots_yearly.csv")
    number = np.array(table["SUNACTIVITY"], dtype=np.float64)
    return Sunspots(np.array(table["YEAR"], dtype=np.int64), number)


def co2() -> CO2:
    """Carbon dioxide in the air at Mauna Loa, Hawaii, weekly from 1958-03-29 to 2001-12-29.

    2,284 Saturdays without a break; on 59 of them nothing was measured and ppm is NaN.
    Licence: public domain. Source: the statsmodels package.
    """
    table = columns("co2_weekly.csv")
    days = [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in table["date"]]
    ppm = [float(v) if v else np.nan for v in table["co2"]]
    return CO2(np.array(days, dtype="datetime64[D]"), np.array(ppm))


class Weather(NamedTuple):
    """The day (1461,) datetime64[D]; rain in mm, the day's highest and lowest temperature in degrees
    Celsius, wind in m/s, each (1461,) float64; sun, rain, drizzle, fog or snow (1461,) str.
    """

    date: np.ndarray
    precipitation: np.ndarray
    temp_max: np.ndarray
    temp_min: np.ndarray
    wind: np.ndarray
    weather: np.ndarray


def seattle_weather() -> Weather:
    """The weather of Seattle, every day from 2012-01-01 to 2015-12-31, without gaps.

    Licence: public domain. Source: NOAA, by way of the npm package vega-datasets.
    """
    table = columns("seattle_weather.csv")
    numbers = {name: np.array(table[name], dtype=np.float64) for name in Weather._fields[1:5]}
    days = np.array(table["date"], dtype="datetime64[D]")
    return Weather(date=days, weather=np.array(table["weather"]), **numbers)
