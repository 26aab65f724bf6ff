package tui

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/official"
	"plumbline/reports"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
)

// memory is a Store in memory.
type memory struct {
	sessions map[string]*assessment.Stored
	sums     map[string]assessment.Summary
	places   map[string]content.ItemID
	fail     error // what Apply returns, when set
	applied  int
}

func (m *memory) Sessions() ([]assessment.Summary, error) {
	var out []assessment.Summary
	for _, s := range m.sums {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b assessment.Summary) int { return b.Changed.Compare(a.Changed) })
	return out, nil
}

func (m *memory) Recent() ([]assessment.Summary, error) { return m.Sessions() }

func (m *memory) Load(id string) (assessment.Stored, error) {
	st, ok := m.sessions[id]
	if !ok {
		return assessment.Stored{}, errors.New("not found")
	}
	return *st, nil
}

func (m *memory) Apply(deltas ...assessment.Delta) error {
	if m.fail != nil {
		return m.fail
	}
	for _, d := range deltas {
		st := m.sessions[d.Session]
		if st == nil {
			st = &assessment.Stored{Records: map[string][]byte{}}
			m.sessions[d.Session] = st
		}
		for _, e := range d.Events {
			if e.Seq != uint64(len(st.Journal))+1 {
				return fmt.Errorf("event %d after %d", e.Seq, len(st.Journal))
			}
			st.Journal = append(st.Journal, e.Bytes())
			if e.After == nil {
				delete(st.Records, e.Record())
			} else {
				st.Records[e.Record()] = e.After
			}
		}
		m.sums[d.Session] = d.Summary
		m.applied++
	}
	return nil
}

func (m *memory) Place(id string) (content.ItemID, bool) { p, ok := m.places[id]; return p, ok }

func (m *memory) SetPlace(id string, item content.ItemID) error { m.places[id] = item; return nil }

// stored reads a session back from the store, verified.
func (m *memory) stored(t *testing.T, id string) *assessment.Session {
	t.Helper()
	st, err := m.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Verify(); err != nil {
		t.Fatal(err)
	}
	s, err := assessment.Load(catalog(t), st)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func catalog(t testing.TB) *content.Catalog {
	t.Helper()
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func emptyStore() *memory {
	return &memory{map[string]*assessment.Stored{}, map[string]assessment.Summary{}, map[string]content.ItemID{}, nil, 0}
}

// exampleStore holds the worked example.
func exampleStore(t testing.TB) *memory {
	t.Helper()
	sessions, err := builtExample()
	if err != nil {
		t.Fatal(err)
	}
	m := emptyStore()
	for _, s := range sessions {
		st, err := s.Stored()
		if err != nil {
			t.Fatal(err)
		}
		m.sessions[s.Info().ID] = &st
		m.sums[s.Info().ID] = s.Summary()
	}
	return m
}

// builtExample is made once; Stored gives each test a copy of its own.
var builtExample = sync.OnceValues(func() ([]*assessment.Session, error) {
	cat, err := content.Embedded()
	if err != nil {
		return nil, err
	}
	return example.Sessions(cat)
})

const northwater = "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6"

// bench is an app under test: keys go in, screens come out.
type bench struct {
	t     testing.TB
	app   *App
	store *memory
	wrote map[string]string

	backups  int
	imported []BundleImport // those that were no preview
	merged   []BundleMerge  // likewise
	held     []tea.Cmd      // commands that were kept back instead of run
	hold     bool
	quit     bool
}

func start(t testing.TB, m *memory, w, h int, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, store: m, wrote: map[string]string{}}
	ids := 0
	cfg := Config{
		Store: m, StoreName: "plumbline.db", Catalog: content.Embedded, Who: "Dana Test", User: "dana",
		Now: func() time.Time { return time.Date(2026, 11, 21, 15, 4, 0, 0, time.UTC) },
		NewID: func() (string, error) {
			ids++
			return assessment.NewID(strings.NewReader(fmt.Sprintf("%016d", ids)))
		},
		Export: func(_ context.Context, _ *assessment.Snapshot, _ reports.Kind, f reports.Format, _ reports.Options, path string, force bool) (string, error) {
			if _, ok := b.wrote[path]; ok && !force {
				return "", fs.ErrExist
			}
			b.wrote[path] = string(f)
			return "/home/dana/" + path, nil
		},
		HashFile: func(path string) (string, string, error) {
			if strings.Contains(path, "missing") {
				return "", "", errors.New("no such file")
			}
			return "policy.pdf", fmt.Sprintf("%x", sha256.Sum256([]byte(path))), nil
		},
		ReadLogo: func(path string) (string, []byte, error) {
			if strings.Contains(path, "missing") {
				return "", nil, errors.New("no such file")
			}
			var b bytes.Buffer
			err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 10)))
			return "crest.png", b.Bytes(), err
		},
		Official: func() (*official.Wording, error) { return nil, nil },
		ReadFile: inputs, Unlock: unlocked,
		Backup:       func() (string, error) { b.backups++; return "/home/dana/backups/plumbline.db.1", nil },
		ImportBundle: func(_ context.Context, o BundleImport) (wire.Imported, error) { return b.importBundle(o) },
		MergeBundle:  func(_ context.Context, o BundleMerge) (wire.Merged, error) { return b.mergeBundle(o) },
		ExportBundle: func(_ context.Context, o BundleExport) (wire.Exported, error) { return b.exportBundle(o) },
	}
	for _, c := range change {
		c(&cfg)
	}
	b.app = New(cfg)
	b.run(b.app.Init())
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
	return b
}

// send delivers a message and runs the commands that follow, in order, until none is left.
func (b *bench) send(msg tea.Msg) {
	b.t.Helper()
	_, cmd := b.app.Update(msg)
	b.run(cmd)
	b.shape()
}

func (b *bench) run(cmd tea.Cmd) {
	queue := []tea.Cmd{cmd}
	for len(queue) > 0 {
		cmd, queue = queue[0], queue[1:]
		if cmd == nil {
			continue
		}
		if waits(cmd) {
			continue
		}
		if b.hold {
			b.held = append(b.held, cmd)
			continue
		}
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			queue = append(queue, msg...)
		case tea.QuitMsg:
			b.quit = true
		default:
			_, next := b.app.Update(msg)
			queue = append(queue, next)
		}
	}
}

// waits reports whether cmd is a timer: that of a blinking cursor would never end, and no test sleeps.
func waits(cmd tea.Cmd) bool {
	name := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name()
	return strings.Contains(name, "bubbles/v2/cursor") || strings.Contains(name, "bubbletea/v2.Tick")
}

// release runs what was held back.
func (b *bench) release() {
	held := b.held
	b.held, b.hold = nil, false
	for _, cmd := range held {
		b.run(cmd)
	}
}

// shape fails the test when a screen is not exactly as large as the terminal, or when its footer does
// not show the way back and, where ? is no text, help.
func (b *bench) shape() {
	b.t.Helper()
	text := b.screen()
	rows := strings.Split(text, "\n")
	if len(rows) != b.app.h && b.app.h > 0 {
		b.t.Fatalf("the screen has %d lines of %d:\n%s", len(rows), b.app.h, text)
	}
	for i, row := range rows {
		if n := ansi.StringWidth(row); n > b.app.w {
			b.t.Fatalf("line %d has %d cells of %d: %q", i, n, b.app.w, row)
		}
	}
	if b.app.w < minWidth || b.app.h < minHeight || b.app.notice.text != "" || b.app.unsavedNotice() != "" {
		return
	}
	ends := regexp.MustCompile(`  ?(esc|q) [a-zA-Z ]+  \? help$`)
	if b.app.dialog != nil || b.app.editing() {
		ends = regexp.MustCompile(`  ?esc( or ctrl\+s)? [a-zA-Z ]+$`)
	}
	if foot := rows[len(rows)-1]; !ends.MatchString(foot) {
		b.t.Errorf("at %d×%d the footer does not end with the way back and help: %q", b.app.w, b.app.h, foot)
	}
}

// screen is what is shown, without colour.
func (b *bench) screen() string { return ansi.Strip(b.app.View().Content) }

// keys types: names of keys are in angle brackets, everything else is letters.
func (b *bench) keys(s string) {
	b.t.Helper()
	for s != "" {
		var name string
		if s[0] == '<' {
			end := strings.IndexByte(s, '>')
			name, s = s[1:end], s[end+1:]
		} else {
			r := []rune(s)[0]
			name, s = string(r), s[len(string(r)):]
		}
		b.send(press(name))
	}
}

func press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
	}
	switch {
	case name == "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case special[name] != 0:
		return tea.KeyPressMsg{Code: special[name]}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}

// see fails the test unless the screen shows all texts.
func (b *bench) see(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.screen(), text) {
			b.t.Errorf("the screen does not show %q:\n%s", text, b.screen())
		}
	}
}
