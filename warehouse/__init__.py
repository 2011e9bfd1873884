"""The warehouse room: where bytes, facts and releases are kept, and how a query becomes a Parquet file.

Belongs here: the folders of one installation (``home``), content-addressed bytes (``landing``), what cannot be
recomputed (``ledger``, ``ledgerdb``), running one query on Parquet (``engine``), reading and ordering the SQL model
files (``sqlmodels``, ``headers``), versioned DuckDB files behind a pointer (``releases``, ``assembly``), and the two
idioms they share (``files``: writing so that a crash cannot leave half a file; ``duck``: opening and naming things in
DuckDB).

Does not belong here: anything that knows what a school, a return or a threshold is. The other rooms import this one;
it imports none of them.
"""
