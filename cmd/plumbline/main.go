// Command plumbline assesses an organization's AI cybersecurity risk on NIST's Cyber AI Profile
// (IR 8596, initial preliminary draft), offline: an app for the terminal, and a command line for
// everything that needs none.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"plumbline/assessment"
	"plumbline/reports"
)

// version is what the program calls itself. A release sets it when it links.
var version = "0.1.0-dev"

// cli is the grammar of the command line. The names are fixed (docs/cli.md); flags may grow.
type cli struct {
	globals

	Open     openCmd     `cmd:"" default:"1" hidden:"" help:"Open the app on the store."`
	Demo     demoCmd     `cmd:"" help:"Open the app on a throwaway copy of the worked example."`
	Session  sessionCmd  `cmd:"" help:"Make, list, show and change sessions."`
	Rate     rateCmd     `cmd:"" help:"Record what is known of an item: rating, target, note, owner, and so on."`
	Evidence evidenceCmd `cmd:"" help:"Add evidence to an item, or remove an entry."`
	Accept   acceptCmd   `cmd:"" help:"Accept the gap of an item until a day, or take that back."`
	Base     baseCmd     `cmd:"" help:"Set the base rating of a CSF Subcategory, which its items may inherit."`
	Target   targetCmd   `cmd:"" help:"Set the targets of many items by a preset."`
	Tier     tierCmd     `cmd:"" help:"State the Implementation Tiers of the organization, which nothing computes."`
	System   systemCmd   `cmd:"" help:"Keep the list of AI systems in scope: system SESSION add, list, edit, remove."`
	Action   actionCmd   `cmd:"" help:"Keep the plan, the actions that close gaps: action SESSION add, list, edit, remove."`
	Snapshot snapshotCmd `cmd:"" help:"Label states of a session, and show what changed between two: snapshot SESSION create, list, diff."`
	Score    scoreCmd    `cmd:"" help:"Show distribution, target attainment and its interval."`
	Gaps     gapsCmd     `cmd:"" help:"Show the ordered list of gaps."`
	Compare  compareCmd  `cmd:"" help:"Compare two sessions, or two states of one, on the items that both have rated."`
	Report   reportCmd   `cmd:"" help:"Write a report to a file."`
	Export   exportCmd   `cmd:"" help:"Write sessions to a bundle, whole or redacted, encrypted where that is asked for."`
	Import   importCmd   `cmd:"" help:"Import the sessions of a bundle, or a file of ours or of another tool into a session, after a backup of the whole store."`
	Merge    mergeCmd    `cmd:"" help:"Merge a session that went on here and elsewhere, three-way; conflicts are listed, and nothing is chosen by itself."`
	Content  contentCmd  `cmd:"" help:"Read the questions and facts of the embedded pack."`
	Verify   verifyCmd   `cmd:"" help:"Check the store and the journals of its sessions, or a bundle, or a report, and who signed it."`
	StoreOf  storeCmd    `cmd:"" name:"store" help:"Keep the store as a file: encrypt, decrypt, passwd, backup, backups, restore, compact, doctor."`
	Version  versionCmd  `cmd:"" help:"Show the versions of the program and of its content."`
}

// globals are the flags that every command takes.
type globals struct {
	Store string `env:"PLUMBLINE_STORE" placeholder:"FILE" help:"Store to work on; without it, the one in your data folder."`
	JSON  bool   `name:"json" help:"Print JSON (docs/formats.md) instead of text."`
	By    string `placeholder:"WHO" help:"Who does this; without it the session's first assessor, else your user name."`
	AsOf  day    `placeholder:"DATE" help:"Day that ages, expiry and the generated date refer to (also SOURCE_DATE_EPOCH). It never rewinds the state."`
	ASCII bool   `name:"ascii" help:"Draw and print with ASCII signs alone."`
	storeKeyFlags
}

// program is what a command works with.
type program struct {
	globals
	stdin  *os.File
	stdout io.Writer // data; delivered when the command ends
	stderr io.Writer // messages
	now    func() time.Time
	damage string // what is wrong with the session that was read

	askStoreKey func() ([]byte, error) // gets the passphrase of the store
	storeKey    []byte                 // the passphrase, once it is known; see forgetStoreKey

	warnings struct {
		sync.Mutex
		held bool
		list []error
		told map[string]bool // by warnOnce
	}
}

func main() {
	spareMemory()
	os.Exit(run(os.Args[1:], time.Now))
}

// run does what the arguments say, by that clock, and returns the exit code.
func run(args []string, now func() time.Time) (code int) {
	defer func() {
		if v := recover(); v != nil {
			fmt.Fprintln(os.Stderr, "plumbline: "+message(caught(v)))
			code = exitFailed
		}
	}()
	// What is begun when such a signal comes is completed or taken back; a second one ends the program.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)

	var out bytes.Buffer
	p := &program{stdin: os.Stdin, stdout: &out, stderr: os.Stderr, now: now}
	err := p.do(ctx, args, func(code int) { // after --help
		if deliver(out.Bytes()) != nil {
			code = exitFailed
		}
		os.Exit(code)
	})
	err = errors.Join(err, deliver(out.Bytes()))
	if err != nil {
		p.say("%s", message(err))
	}
	return exitCode(err)
}

// deliver writes the output of a command.
func deliver(out []byte) error {
	if _, err := os.Stdout.Write(out); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}

// bare is the grammar of a call without a command, which opens the app. It is tried first: the whole
// grammar takes milliseconds to build, and they would pass before the first frame.
type bare struct{ globals }

// opensApp reports whether the arguments only ask for the app, and takes their flags.
func (p *program) opensApp(args []string) bool {
	var b bare
	parser, err := kong.New(&b, kong.Name("plumbline"), kong.NoDefaultHelp(), verbatim)
	if err != nil {
		return false
	}
	if _, err := parser.Parse(args); err != nil {
		return false // the whole grammar knows better what it is, or what is wrong with it
	}
	p.globals = b.globals
	return true
}

// do parses the arguments and runs the command that they name.
func (p *program) do(ctx context.Context, args []string, exit func(int)) error {
	p.askStoreKey = func() ([]byte, error) {
		return p.passphrase(ctx, passphraseFlags{p.StorePassphraseFile, p.StorePassphraseFD}, storeSecret)
	}
	if p.opensApp(args) {
		if _, err := p.options(); err != nil {
			return err
		}
		return openCmd{}.Run(ctx, p)
	}
	var c cli
	parser, err := newParser(&c)
	if err != nil {
		return err
	}
	parser.Stdout, parser.Exit = p.stdout, exit
	parsed, err := parser.Parse(asked(parser.Model.Node, args))
	p.globals = c.globals
	if err != nil {
		return err
	}
	if _, err := p.options(); err != nil { // before anything is done
		return err
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return about(parsed, parsed.Run(p))
}

// asked returns the arguments in the spelling of the grammar where they ask in another usual one:
// --version is the command version, and help COMMAND is COMMAND --help.
func asked(app *kong.Node, args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "--version":
		return append([]string{"version"}, args[1:]...)
	case len(args) > 0 && args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
		for _, n := range app.Children {
			if n.Name == args[0] && behindSession(n) != nil {
				args = slices.Insert(args, 1, "SESSION") // help action add
			}
		}
	}
	return args
}

// behindSession is the node of the argument SESSION in front of the commands of an object, such as
// action SESSION add; nil for any other command.
func behindSession(n *kong.Node) *kong.Node {
	if len(n.Children) == 1 && n.Children[0].Type == kong.ArgumentNode {
		return n.Children[0]
	}
	return nil
}

// help prints help. For a command whose commands stand behind SESSION it is about these.
func help(o kong.HelpOptions, parsed *kong.Context) error {
	if n := parsed.Selected(); n != nil {
		if behind := behindSession(n); behind != nil {
			parsed.Path = append(parsed.Path, &kong.Path{Parent: n, Argument: behind})
			n = behind
		}
		if n.Type == kong.ArgumentNode {
			n.Help = n.Parent.Help
		}
	}
	return kong.DefaultHelpPrinter(o, parsed)
}

// about says which command an error is of, and on which item where it is about one:
// "rate GV.OC-01/secure: …".
func about(parsed *kong.Context, err error) error {
	node := parsed.Selected()
	if err == nil || node == nil || node.Hidden {
		return err
	}
	where := commandOf(node)
	if on, ok := node.Target.Addr().Interface().(interface{ subject() string }); ok {
		where += " " + on.subject()
	}
	var item *assessment.ItemError
	if errors.As(err, &item) && strings.HasSuffix(where, item.Item.String()) {
		return fmt.Errorf("%s: %w", where, item.Err)
	}
	return fmt.Errorf("%s: %w", where, err)
}

// commandOf is the command that a node stands for: "action add".
func commandOf(node *kong.Node) string {
	var names []string
	for n := node; n != nil; n = n.Parent {
		if n.Type == kong.CommandNode {
			names = append(names, n.Name)
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " ")
}

// newParser returns the parser of the command line. The tests read its model too.
func newParser(c *cli) (*kong.Kong, error) {
	return kong.New(c,
		verbatim,
		kong.Name("plumbline"),
		kong.Description("Assess AI cybersecurity risk on NIST's Cyber AI Profile (IR 8596, initial preliminary draft), offline. "+
			"Without a command it opens the app."),
		kong.Vars{"kinds": listed(reports.Kinds()), "formats": listed(allFormats())},
		kong.Help(help),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
}

// say prints a message for the person, on stderr.
func (p *program) say(format string, args ...any) {
	fmt.Fprintln(p.stderr, "plumbline: "+p.plain(fmt.Sprintf(format, args...)))
}

// plain makes a text fit for a terminal: one line without anything that steers it, in ASCII signs
// where --ascii asks for them.
func (p *program) plain(s string) string {
	s = assessment.CleanLine(s)
	if p.ASCII {
		s = asciiSigns.Replace(s)
	}
	return s
}

var asciiSigns = strings.NewReplacer("–", "-", "→", "->", "…", "...", "·", "|", "›", ">", "•", "*", "Σ", "sum", "≥", ">=")
