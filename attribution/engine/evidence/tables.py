"""What the fitted model says of channels and sources, as tables: METRICS §2, "Out come the shares …"."""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from attribution.engine.evidence.model import ANCHORS, LEAST, Cells, Parameters, Source, likelihood
from attribution.engine.evidence.patterns import SOURCES
from attribution.engine.intervals import ends
from attribution.engine.paths import Floats
from attribution.warehouse import DONT_REMEMBER

if TYPE_CHECKING:
    from attribution.engine.evidence.fit import EvidenceFit

WORST = 10
SHARES = pa.schema(
    [
        ("channel", pa.string()),
        *((name, pa.float64()) for name in ("share", "low", "high", "half_prior", "double_prior")),
    ]
).append(pa.field("only_survey", pa.bool_()))
RECALL = pa.schema(
    [("channel", pa.string()), ("said", pa.string()), *((name, pa.float64()) for name in ("share", "low", "high"))]
)
RESPONSE = pa.schema(
    [("channel", pa.string()), ("source", pa.string()), *((name, pa.float64()) for name in ("rate", "low", "high"))]
).append(pa.field("can_speak", pa.bool_()))
AGREEMENT = pa.schema(
    [
        ("source", pa.string()),
        ("other", pa.string()),
        ("both", pa.int64()),
        ("agree", pa.int64()),
        ("share", pa.float64()),
        ("expected", pa.float64()),
    ]
)
CHECK = pa.schema(
    [
        *((source, pa.string()) for source in SOURCES),
        ("observed", pa.int64()),
        ("expected", pa.float64()),
        ("z", pa.float64()),
    ]
)


def shares(fit: "EvidenceFit") -> pa.Table:
    """Return each true channel's share of all conversions, with its 95 % interval.

    ``half_prior`` and ``double_prior`` are the shares with priors worth half and double; ``only_survey`` says that the
    channel can be heard of through the survey alone, so that nothing checks what guests say of it.
    """
    if fit.point is None or fit.scaled is None:
        return SHARES.empty_table()
    total = max(1, fit.conversions)
    share = fit.cells.counts @ fit.credit / total
    low, high = ends(fit.drawn(fit.patterns.conversions) / total, share)
    able = [source.able for source in fit.cells.sources if source.name != "survey"]
    return pa.table(
        [
            fit.channels,
            share,
            low,
            high,
            fit.scaled[0],
            fit.scaled[1],
            ~np.any(able, axis=0),
        ],
        schema=SHARES,
    )


def recall(fit: "EvidenceFit", name: str) -> pa.Table:
    """Return what the customers whom each channel brought say through a source, if they say anything."""
    places = [place for place, source in enumerate(fit.cells.sources) if source.name == name]
    if fit.point is None or fit.draws is None or not places:
        return RECALL.empty_table()
    share = fit.point.recall[places[0]][0]
    low, high = ends(fit.draws.recall[places[0]])
    said = [*fit.channels, DONT_REMEMBER][: share.shape[1]]
    true = np.repeat(np.array(fit.channels, dtype=object), len(said))
    columns = [true, said * len(fit.channels), share.ravel(), low.ravel(), high.ravel()]
    return pa.table(columns, schema=RECALL)


def response(fit: "EvidenceFit") -> pa.Table:
    """Return how many of those whom each channel brought say anything through each source."""
    if fit.point is None or fit.draws is None:
        return RESPONSE.empty_table()
    tables = []
    for source, rate, drawn in zip(fit.cells.sources, _speaks(fit, fit.point), _speaks(fit, fit.draws), strict=True):
        low, high = ends(drawn)
        names = [source.name] * len(fit.channels)
        tables.append(pa.table([fit.channels, names, rate[0], low, high, source.able], schema=RESPONSE))
    return pa.concat_tables(tables).combine_chunks()


def agreement(fit: "EvidenceFit") -> pa.Table:
    """Return, of each two sources, on how many conversions both name a channel, and how often the same one.

    ``expected`` is what the model expects of ``share``; null under fallback.
    """
    rows = []
    for one, other in combinations(fit.sources, 2):
        said = fit.patterns.said[:, [SOURCES.index(one), SOURCES.index(other)]]
        named = fit.patterns.names[:, [SOURCES.index(one), SOURCES.index(other)]].all(axis=1)
        both = int(fit.patterns.conversions[named].sum())
        agree = int(fit.patterns.conversions[named & (said[:, 0] == said[:, 1])].sum())
        expected = None if fit.point is None else _expected_agreement(fit.cells, fit.point, one, other)
        rows.append((one, other, both, agree, agree / both if both else None, expected))
    return pa.Table.from_pylist([dict(zip(AGREEMENT.names, row, strict=True)) for row in rows], schema=AGREEMENT)


def check(fit: "EvidenceFit") -> pa.Table:
    """Return the patterns that are farthest from what the model expects, worst first; z is in standard deviations."""
    if fit.point is None:
        return CHECK.empty_table()
    chance = (likelihood(fit.cells, fit.point)[0] * fit.point.share[0]).sum(axis=1)
    observed, expected = fit.patterns.conversions, fit.conversions * chance
    z = (observed - expected) / np.sqrt(np.maximum(expected, LEAST))
    # A pattern that hardly anybody has cannot show much, whatever its z.
    z = np.where(np.maximum(observed, expected) < 5, 0.0, z)
    worst = np.argsort(-np.abs(z), kind="stable")[:WORST]
    table = fit.patterns.table().take(pa.array(worst))
    return pa.table([*(table[source] for source in SOURCES), observed[worst], expected[worst], z[worst]], schema=CHECK)


def _contexts(cells: Cells, parameters: Parameters) -> Floats:
    """Return P(which of the first two speak | z): (d, K, contexts)."""
    anchors = {
        source.name: q for source, q in zip(cells.sources, parameters.response, strict=True) if _is_anchor(source)
    }
    silent = np.zeros((*parameters.share.shape, 1))
    chance = np.ones((*parameters.share.shape, 2**ANCHORS))
    for bit, name in enumerate(SOURCES[:ANCHORS]):
        q = anchors.get(name, silent)
        speaks = np.arange(2**ANCHORS) >> bit & 1
        chance *= np.where(speaks, q, 1 - q)
    return chance


def _is_anchor(source: Source) -> bool:
    return source.name in SOURCES[:ANCHORS]


def _spoken(source: Source, response: Floats) -> Floats:
    """Return P(the source speaks | z, which of the first two speak): (d, K, contexts)."""
    if not _is_anchor(source):
        return response
    speaks = np.arange(2**ANCHORS) >> SOURCES.index(source.name) & 1
    return np.broadcast_to(speaks.astype(np.float64), (*response.shape[:2], 2**ANCHORS))


def _speaks(fit: "EvidenceFit", parameters: Parameters) -> Iterator[Floats]:
    """Yield P(the source speaks | z) of each source: (d, K)."""
    contexts = _contexts(fit.cells, parameters)
    for source, q in zip(fit.cells.sources, parameters.response, strict=True):
        yield (contexts * _spoken(source, q)).sum(axis=2)


def _expected_agreement(cells: Cells, point: Parameters, one: str, other: str) -> float | None:
    contexts, size = _contexts(cells, point)[0], cells.channels
    chance, words = contexts, []
    for source, q, said in zip(cells.sources, point.response, point.recall, strict=True):
        if source.name in (one, other):
            chance = chance * _spoken(source, q)[0]
            words.append(said[0][:, :size])
    speak = point.share[0] * chance.sum(axis=1)
    both = float(speak @ (words[0].sum(axis=1) * words[1].sum(axis=1)))
    return float(speak @ (words[0] * words[1]).sum(axis=1)) / both if both else None
