package store

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"plumbline/assessment"
)

// benchSession is a session on the way: 150 answers in.
const benchAnswers = 150

func benchStore(b *testing.B) (*Store, *assessment.Session) {
	s := openTest(b, filepath.Join(b.TempDir(), "plumbline.db"), Options{})
	session, d := newSession("first")
	apply(b, s, d)
	for n := range benchAnswers {
		apply(b, s, answer(session, n))
	}
	return s, session
}

// size is what an answer puts into the store.
func size(d assessment.Delta) int {
	n := len(encodeSummary(d.Summary)) + 40
	for _, e := range d.Events {
		n += len(e.Bytes()) + len(e.After)
	}
	return n
}

// barePut is the floor of a durable answer: a database with as much in it, and an update with one Put.
type barePut struct {
	db  *bolt.DB
	seq uint64
}

func newBarePut(b *testing.B, size int) *barePut {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "floor.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("floor"))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	f := &barePut{db: db}
	for range benchAnswers {
		f.put(b, make([]byte, size))
	}
	return f
}

func (f *barePut) put(b *testing.B, value []byte) {
	f.seq++
	err := f.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("floor")).Put(binary.BigEndian.AppendUint64(nil, f.seq), value)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAnswer is one durable answer, and beside it, in turns with it so that both see the same
// disk, its floor. It must stay under 1.3 x the floor in a plain store; a sealed one has no such limit.
func BenchmarkAnswer(b *testing.B) {
	b.Run("plain", benchAnswer)
	b.Run("sealed", func(b *testing.B) {
		sealTests = true
		defer func() { sealTests = false }()
		benchAnswer(b)
	})
}

func benchAnswer(b *testing.B) {
	s, session := benchStore(b)
	floor := newBarePut(b, size(answer(session, benchAnswers)))
	s.Close()
	s = openTest(b, s.Path(), Options{})
	session, _ = reload(b, s, session.Info().ID)

	var ours, theirs time.Duration
	n := benchAnswers
	for b.Loop() {
		d := answer(session, n)
		n++
		value := make([]byte, size(d))
		began := time.Now()
		floor.put(b, value)
		between := time.Now()
		if err := s.Apply(d); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(between)
		theirs += between.Sub(began)
	}
	b.ReportMetric(0, "ns/op") // of both together: it says nothing
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "µs/answer")
	b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "µs/floor")
	b.ReportMetric(float64(ours)/float64(theirs), "x-floor")
}

func reload(b *testing.B, s *Store, id string) (*assessment.Session, error) {
	st, err := s.Load(id)
	if err != nil {
		b.Fatal(err)
	}
	session, err := assessment.Load(catalog(), st)
	if err != nil {
		b.Fatal(err)
	}
	return session, nil
}

// BenchmarkBarePut is the floor alone.
func BenchmarkBarePut(b *testing.B) {
	session, _ := newSession("first")
	n := size(answer(session, 1))
	floor := newBarePut(b, n)
	value := make([]byte, n)
	for b.Loop() {
		floor.put(b, value)
	}
}

// storeOf makes a store with n sessions and returns its path.
func storeOf(b *testing.B, n int) string {
	s := openTest(b, filepath.Join(b.TempDir(), "plumbline.db"), Options{})
	var batch []assessment.Delta
	for i := range n {
		session, d := newSession(fmt.Sprint("session ", i))
		if batch = append(batch, d, answer(session, i)); len(batch) >= 1000 || i == n-1 {
			apply(b, s, batch...)
			batch = nil
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return s.Path()
}

// BenchmarkSessions10k opens a store with 10,000 sessions and lists them, which is what the first
// screen waits for, and does the same with 1,000: the time of one session must not grow with their
// number.
func BenchmarkSessions10k(b *testing.B) {
	small, large := storeOf(b, 1_000), storeOf(b, 10_000)
	list := func(path string, want int) time.Duration {
		began := time.Now()
		s, err := open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		list, err := s.Sessions()
		if err != nil || len(list) != want {
			b.Fatalf("%d sessions, %v", len(list), err)
		}
		took := time.Since(began)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		return took
	}
	var ofSmall, ofLarge time.Duration
	for b.Loop() {
		ofSmall += list(small, 1_000)
		ofLarge += list(large, 10_000)
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ms(ofLarge), "ms/10k")
	b.ReportMetric(ms(ofSmall), "ms/1k")
	b.ReportMetric(float64(ofLarge)/float64(10*ofSmall), "x-linear")
}

// BenchmarkOpen opens and closes a store of 1,000 sessions.
func BenchmarkOpen(b *testing.B) {
	path := storeOf(b, 1_000)
	for b.Loop() {
		s, err := open(path, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad reads a session with 1,000 events.
func BenchmarkLoad(b *testing.B) {
	s, session := benchStore(b)
	for n := range 850 {
		apply(b, s, answer(session, benchAnswers+n))
	}
	for b.Loop() {
		if _, err := s.Load(session.Info().ID); err != nil {
			b.Fatal(err)
		}
	}
}
