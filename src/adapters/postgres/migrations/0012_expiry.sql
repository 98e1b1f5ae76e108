-- Find what expired long ago, to erase it bit by bit.
CREATE INDEX session_expires_at ON session (expires_at);
CREATE INDEX one_time_token_expires_at ON one_time_token (expires_at);
