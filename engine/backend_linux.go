// Which backend a server uses on Linux: epoll loops unless the portable path is asked for.

package engine

func (s *Server) newBackend() (backend, error) {
	if s.opts.Portable {
		return newPortable(s), nil
	}
	return newFleet(s)
}
