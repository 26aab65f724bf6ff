package assessment

import "fmt"

// Adopt starts a new session with the state that the records of another one describe, of which no
// history is at hand. Like Copy it leaves out labelled snapshots and the status. The reason of the act
// should say where the records come from: it is all that the new session knows of its origin.
func Adopt(packs Packs, records map[string][]byte, id, name string, act Act) (*Session, Delta, error) {
	was, err := restore(packs, records)
	if err != nil {
		return nil, Delta{}, fmt.Errorf("start a session from records: %w", err)
	}
	return (&Session{current: was, packs: packs}).Copy(id, name, act)
}
