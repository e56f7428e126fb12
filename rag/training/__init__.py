"""How the trained models of `rag/judge.py` were made; nothing here runs when a question is asked."""
