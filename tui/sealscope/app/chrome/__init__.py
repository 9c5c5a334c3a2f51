"""What surrounds every page: context line, jobs strip, footer, help, confirmation."""
