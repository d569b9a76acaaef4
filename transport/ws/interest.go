package ws

import (
	"chainmail/domain"
	"chainmail/transport/frame"
)

// interest is who hears what connections need.
func (s *Server) interest() Interest {
	if s.config.Interest == nil {
		return nobody{}
	}
	return s.config.Interest
}

// forgo says that a connection needs nothing any more.
func (s *Server) forgo(user domain.ID, watched []domain.ID) {
	for _, id := range watched {
		s.interest().Unwatch(id)
	}
	s.interest().Leave(user)
}

// nobody wants to know.
type nobody struct{}

func (nobody) Arrive(domain.ID)    {}
func (nobody) Leave(domain.ID)     {}
func (nobody) Watch(frame.Channel) {}
func (nobody) Unwatch(domain.ID)   {}
