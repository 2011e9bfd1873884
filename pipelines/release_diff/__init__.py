"""What changed between two releases, split by cause.

Belongs here: comparing published releases, and the report that lies beside each. Does not belong here: publishing
(``pipelines.publish``), restatements within one release (``pipelines.restatement``).
"""

from pipelines.release_diff.compare import ReleaseDiff, diff
from pipelines.release_diff.report import as_json, as_markdown, diff_is_due, read_diff, write_diff

__all__ = ["ReleaseDiff", "as_json", "as_markdown", "diff", "diff_is_due", "read_diff", "write_diff"]
