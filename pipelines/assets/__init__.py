"""The Dagster assets, one module per station of the way: returns, models, rules, release,
dashboards.

Belongs here: asset definitions and what they tell the Dagster UI. Does not belong here: the work itself, which is in
plain functions that know nothing of Dagster (``pipelines.intake``, ``marts``, ``publish``, ``dashboards``).

An asset's key is its table: ``returns/enrolment`` is ``returns.enrolment``. Steps are few and fat, because a step costs
0.1 s in process and 2-4 s in a process of its own: one for all returns, one for all SQL models.
"""
