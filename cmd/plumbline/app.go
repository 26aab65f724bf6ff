package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"plumbline/assessment"
	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/content/official"
	"plumbline/reports"
	"plumbline/reports/wire"
	"plumbline/testdata/example"
	"plumbline/tui"
)

type openCmd struct{}

func (openCmd) Run(ctx context.Context, p *program) (err error) {
	if err := p.needTerminal(); err != nil {
		return err
	}
	wording, err := p.officialPath()
	if err != nil {
		return err
	}
	st, err := p.open(false) // a passphrase is asked for here, before the app has the screen
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	p.forgetStoreKey()
	return runApp(ctx, p, st, filepath.Base(st.Path()), wording)
}

type demoCmd struct{}

func (demoCmd) Run(ctx context.Context, p *program) (err error) {
	if err := p.needTerminal(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "plumbline-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	wording, _ := p.officialPath() // the user's own; without a folder for data there is none
	p.Store = filepath.Join(dir, "demo.db")
	st, err := p.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := fill(st); err != nil {
		return err
	}
	if p.By == "" {
		p.By = "You (demo)" // nobody is asked for a name in a throwaway copy
	}
	return runApp(ctx, p, st, "demo copy, gone when you leave", wording)
}

// fill puts the worked example into a store.
func fill(st *store.Store) error {
	cat, err := content.Embedded()
	if err != nil {
		return err
	}
	sessions, err := example.Sessions(cat)
	if err != nil {
		return err
	}
	var deltas []assessment.Delta
	for _, s := range sessions {
		d := assessment.Delta{Session: s.Info().ID, Summary: s.Summary()}
		for e, err := range s.Events() {
			if err != nil {
				return err
			}
			d.Events = append(d.Events, e)
		}
		deltas = append(deltas, d)
	}
	return st.Apply(deltas...)
}

// needTerminal says in one line what works without a terminal, where there is none.
func (p *program) needTerminal() error {
	if term.IsTerminal(p.stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) && os.Getenv("TERM") != "dumb" {
		return nil
	}
	return usagef("the app needs a terminal, and there is none; without one these work: " +
		"session, rate, evidence, accept, base, target, tier, system, action, snapshot, score, gaps, compare, report, export, import, merge, content, verify, store, version (plumbline --help)")
}

// appStore is the store as the app works with it. It lets the app try again after a write that left the
// store in doubt: the store is opened anew and compared with what it has acknowledged, then the answers
// are applied.
type appStore struct {
	*store.Store
	mu      sync.Mutex // the last Apply of main may overtake one of the app that was cut off
	stopped bool       // by the Apply before
}

func (s *appStore) Apply(deltas ...assessment.Delta) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		if err := s.Reopen(); err != nil {
			return err
		}
	}
	err := s.Store.Apply(deltas...)
	s.stopped = errors.Is(err, store.ErrStopped)
	return err
}

// Sessions says of sessions that can not be listed what to do about them, which the app can not.
func (s *appStore) Sessions() ([]assessment.Summary, error) {
	list, err := s.Store.Sessions()
	var unlisted *store.UnlistedError
	if errors.As(err, &unlisted) {
		err = fmt.Errorf("leave the app and run plumbline store compact, which mends what can be: %w", err) // first, since it may be cut off
	}
	return list, err
}

// jobs are what writes files for the app. When the app ends, also by a signal or a breakdown, what is under
// way is called off and takes back what it has begun.
type jobs struct {
	over     context.Context // ends when they are called off
	end      context.CancelFunc
	underway sync.RWMutex // each holds it for reading
}

func newJobs() *jobs {
	j := new(jobs)
	j.over, j.end = context.WithCancel(context.Background())
	return j
}

// begin returns the context of a job, and what it calls when it has ended.
func (j *jobs) begin(ctx context.Context) (context.Context, func()) {
	j.underway.RLock()
	ctx, stop := context.WithCancel(ctx)
	forget := context.AfterFunc(j.over, stop)
	return ctx, func() {
		forget()
		stop()
		j.underway.RUnlock()
	}
}

// callOff returns when no job is under way. None begins after it.
func (j *jobs) callOff() {
	j.end()
	j.underway.Lock() // for good
}

// runApp runs the app on a store until the person leaves. Whatever ends it, the answers that were not
// on disk by then are stored before it returns. Wording is where NIST's official wording may be kept.
func runApp(ctx context.Context, p *program, st *store.Store, name, wording string) error {
	// SIGTERM and SIGINT reach Bubble Tea, and through its filter the app, which saves and leaves. When
	// the window is closed there is nothing to draw on, so that ends the program.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGHUP)
	defer stop()

	defer p.holdWarnings()()

	who := ""
	if act, err := p.act(nil, ""); err == nil {
		who = act.Who
	}
	answers := &appStore{Store: st}
	files := transfer{p, answers}
	writing := newJobs()
	app := tui.New(tui.Config{
		Store: answers, StoreName: name, ReadOnly: st.ReadOnly(),
		Catalog: content.Embedded, Packs: packsBeside(st.Path()),
		Now:   p.now,
		NewID: func() (string, error) { return assessment.NewID(rand.Reader) },
		Who:   assessment.CleanLine(p.By), User: who,
		ASCII: p.ASCII,
		Export: func(ctx context.Context, s *assessment.Snapshot, k reports.Kind, f reports.Format, o reports.Options, path string, force bool) (string, error) {
			ctx, end := writing.begin(ctx)
			defer end()
			return p.export(ctx, s, k, f, o, path, force)
		},
		Official: func() (*official.Wording, error) { return readOfficial(wording) },
		Today:    func() assessment.Date { _, day, _ := p.today(); return day }, // options has judged it
		ReadLogo: readLogo,
		HashFile: func(path string) (string, string, error) { return hashFile(ctx, path) },
		ReadFile: files.read, Unlock: files.unlock, Backup: st.Backup, ImportBundle: files.importBundle, MergeBundle: files.mergeBundle,
		ExportBundle: func(ctx context.Context, o tui.BundleExport) (wire.Exported, error) {
			ctx, end := writing.begin(ctx)
			defer end()
			return files.exportBundle(ctx, o)
		},
	})
	err := show(ctx, app)
	writing.callOff()
	if ctx.Err() != nil {
		app.Keep()
	}
	if errors.Is(err, tea.ErrInterrupted) || ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled) {
		err = nil // a person or the system ended it
	}
	return errors.Join(err, answers.Apply(app.Unsaved()...))
}

// export writes a report for the app and returns the file's full path. Of the options it takes what
// depends on the session, and adds what depends on the program.
func (p *program) export(ctx context.Context, s *assessment.Snapshot, k reports.Kind, f reports.Format, o reports.Options, path string, force bool) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	own, err := p.options()
	if err != nil {
		return "", err
	}
	o.Version, o.Generated, o.AsOf = own.Version, own.Generated, own.AsOf
	made, err := reports.Build(k, f, s, o)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := made.Write(&b); err != nil {
		return "", err
	}
	err = p.writeFile(ctx, path, b.Bytes(), force, made.Check)
	if errors.Is(err, errExists) {
		err = fs.ErrExist // the app asks, and comes again with force
	}
	if err == nil {
		p.doubtSignatures([]string{path})
	}
	return path, err
}
