"""The numbers of the bot for Prometheus; only loaded when somebody asks. Labels name nobody."""

from collections import Counter
from collections.abc import Collection, Iterator
from importlib.metadata import version
from itertools import accumulate
from math import nan

from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from bot.counts import BOUNDS, Counts
from bot.pulse import Pulse
from bot.troubles import KINDS, Trouble
from storage.figures import Figures

TYPE = CONTENT_TYPE_LATEST


def shown(
    counts: Counts, pulse: Pulse, troubles: Collection[Trouble], figures: Figures | None
) -> bytes:
    """Everything as Prometheus reads it; without figures when the database tells none."""
    everything = CollectorRegistry()
    ProcessCollector(registry=everything)
    everything.register(Now([*_work(counts), *_state(pulse, troubles), *_kept(pulse, figures)]))
    return generate_latest(everything)


class Now(Collector):
    """The numbers of one moment."""

    def __init__(self, found: Collection[Metric]) -> None:
        self._found = found

    def collect(self) -> Collection[Metric]:
        """All of them."""
        return self._found


def _work(counts: Counts) -> Iterator[Metric]:
    about = InfoMetricFamily("kursbot", "This program")
    about.add_metric([], {"version": version("kursbot")})
    yield about
    labels = ["command", "outcome"]
    commands = CounterMetricFamily("kursbot_commands", "Commands run", labels=labels)
    for (name, outcome), count in sorted(counts.commands.items()):
        commands.add_metric([name, outcome], count)
    yield commands
    bounds = [*map(str, BOUNDS), "+Inf"]
    answers = "From reading a message to having sent the answer"
    buckets = [*zip(bounds, accumulate(counts.answers), strict=True)]
    yield HistogramMetricFamily("kursbot_answer_seconds", answers, buckets, counts.seconds)


def _state(pulse: Pulse, troubles: Collection[Trouble]) -> Iterator[Metric]:
    yield _gauge("sync_age_seconds", "Since the last /sync that came through", pulse.silence())
    still = "Since the scheduler last looked for what is due"
    yield _gauge("scheduler_age_seconds", still, pulse.stillness())
    ahead = "By how much our clock is ahead of the homeserver's"
    yield _gauge("clock_drift_seconds", ahead, pulse.drift())
    found = GaugeMetricFamily("kursbot_troubles", "What makes /healthz red", labels=["kind"])
    kinds = Counter(one.kind for one in troubles)
    for kind in KINDS:
        found.add_metric([kind], kinds[kind])
    yield found


def _kept(pulse: Pulse, figures: Figures | None) -> Iterator[Metric]:
    if figures is None:
        return
    waited = (pulse.clock() - figures.oldest).total_seconds() if figures.oldest else 0.0
    yield _gauge("outbox_messages", "Messages that wait to be sent", figures.waiting)
    first = "For how long the first of them has been waiting"
    yield _gauge("outbox_oldest_seconds", first, max(0.0, waited))
    lost = "Events that could not be handled and are kept without their content"
    yield _gauge("quarantined_events", lost, figures.quarantined)
    posts = GaugeMetricFamily("kursbot_posts", "Posts by the clock", labels=["state"])
    for state, count in (
        ("due", figures.due),
        ("sent", figures.sent),
        ("skipped", figures.skipped),
    ):
        posts.add_metric([state], count)
    yield posts


def _gauge(name: str, text: str, value: float | None) -> Metric:
    return GaugeMetricFamily(f"kursbot_{name}", text, value=nan if value is None else value)
