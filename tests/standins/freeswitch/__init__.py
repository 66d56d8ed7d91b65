"""A FreeSWITCH as Hub meets it: its call records and its event socket."""
