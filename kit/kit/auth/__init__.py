"""Who calls, by any OpenID Connect issuer's token; and what they may do, by identity's word."""
