//go:build !(linux && (amd64 || arm64))

// Systems without the epoll loop use the portable transport.

package bench

const polledLanes = false

func openPolled(t *target, lanes int) (transport, error) { return openPlain(t, lanes) }
