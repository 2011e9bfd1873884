"""Findings and what became of them: status, answers, workbooks, completeness."""
