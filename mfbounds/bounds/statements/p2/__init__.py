"""The statements of P2, one file each."""
