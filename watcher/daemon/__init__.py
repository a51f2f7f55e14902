"""The service as a process: its life, its scheduler, the control socket, and what it tells systemd."""
