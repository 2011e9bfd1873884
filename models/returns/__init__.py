"""The returns: one contract per statistical form, and the registry of all of them."""

from models.returns.contract import Contract, RowRule
from models.returns.registry import CONTRACTS, contract

__all__ = ["CONTRACTS", "Contract", "RowRule", "contract"]
