"""Media over HTTP: playlists, parts, pictures, and one socket for a wall."""
