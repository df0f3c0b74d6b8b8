"""What a camera says of itself over ONVIF, and which of its streams are taken."""
