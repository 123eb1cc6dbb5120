package main

import (
	"errors"
	"syscall"
)

// listenError says of an address that cannot be listened on which flag chooses another.
func listenError(err error, address, flag string) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return unusable("another program listens on %s already: choose another address with --%s, or a free port with --%s 127.0.0.1:0", address, flag, flag)
	}
	return unusable("--%s: %w", flag, err)
}
