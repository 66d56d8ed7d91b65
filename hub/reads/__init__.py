"""Questions across the stages, for the API and the pages: each is asked by a Viewer and scoped by who asks."""
