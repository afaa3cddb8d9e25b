"""The gateway: accepts referrals, records them, routes them, delivers them and accounts for them."""
