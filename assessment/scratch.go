package assessment

// Scratch returns a session that begins with this state, to find out what an act would do: do it there
// and read the result. It has no history, and nobody keeps it. New records get numbers that follow
// those in the state; the real session may have used these before.
func (s *Snapshot) Scratch() *Session {
	t := &Session{current: *s.clone(), packs: only(s.cat), numbers: numbers{highest: make(map[Kind]int)}}
	for k := range s.keys() {
		if idPrefix[k.kind] != "" {
			t.numbers.highest[k.kind] = max(t.numbers.highest[k.kind], numberOf(k.kind, k.subject))
		}
	}
	return t
}
