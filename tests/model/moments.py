"""Moments and days: the world's clock is UTC, days are the community's (domain.md, sections 1.3 and 6)."""

import datetime
import zoneinfo

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
MICRO = datetime.timedelta(microseconds=1)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def local(moment):
    return moment.astimezone(ZONE)


def day_of(moment):
    return local(moment).date()


def at_clock(day, time):
    """The moment at which a clock of the community shows this time on this day."""
    return datetime.datetime.combine(day, time, ZONE).astimezone(datetime.timezone.utc)


def midnight(day):
    return at_clock(day, datetime.time())


def end_of(day):
    return midnight(day + DAY)


def cutoff_of(day):
    return end_of(day)


def working(day):
    """The calendar of the histories holds no holidays: Monday to Friday."""
    return day.weekday() < 5


def after_working_days(day, count):
    while count:
        day += DAY
        count -= working(day)
    return day


def out_of_the_night(due):
    """A visit is not due between 22:00 and 08:00, but at nine."""
    hour = local(due).hour
    if 8 <= hour < 22:
        return due
    day = day_of(due) + (DAY if hour >= 22 else 0 * DAY)
    return at_clock(day, datetime.time(9))


def out_of_the_quiet(moment, latest):
    """What would be said between 22:00 and 07:00 waits until seven, unless `latest` comes first."""
    hour = local(moment).hour
    if 7 <= hour < 22:
        return moment
    day = day_of(moment) + (DAY if hour >= 22 else 0 * DAY)
    return min(at_clock(day, datetime.time(7)), latest)


def written(moment):
    """As the API writes it."""
    return moment and moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
