"""The whole way on the sample prefecture."""
