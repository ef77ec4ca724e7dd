"""One population frozen: values, soft optimum, occupation and stationary laws, exploitability."""
