//go:build !linux

// Which backend a server uses where there is no epoll: the portable one, always.

package engine

func (s *Server) newBackend() (backend, error) { return newPortable(s), nil }
