"""Questions across the stages, for the API and the pages; each one is asked by a Viewer and answers within the viewer's reach."""
