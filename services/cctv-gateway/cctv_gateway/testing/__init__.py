"""What the tests of several packages need: films, misbehaving servers, the rules of low-latency HLS."""
