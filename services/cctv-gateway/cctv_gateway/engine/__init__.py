"""Any camera in, parts of CMAF out: connections, repaired timestamps, worker processes."""
