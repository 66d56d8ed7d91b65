"""Hub: the communications half of a CRM. Start reading at ``hub/pipeline.py``."""
