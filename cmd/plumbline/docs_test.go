package main

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write what is generated anew")

const (
	cliDocs = "../../docs/cli.md"
	begin   = "<!-- generated from the program: go test ./cmd/plumbline -run TestDocs -update -->\n"
	end     = "<!-- end of what is generated -->\n"
)

// TestDocs compares the reference in docs/cli.md with the grammar that the program parses.
func TestDocs(t *testing.T) {
	raw, err := os.ReadFile(cliDocs)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(raw), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no generated part", cliDocs)
	}
	page := head + begin + reference(mustParser(t).Model) + end + tail
	if page == string(raw) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the program takes; write it anew with -update and read it", cliDocs)
	}
	if err := os.WriteFile(cliDocs, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every command and every flag says what it does.
func TestEveryCommandHelps(t *testing.T) {
	for _, n := range mustParser(t).Model.Leaves(false) {
		if n.Help == "" {
			t.Errorf("%s has no help", n.Path())
		}
		if !n.Target.Addr().MethodByName("Run").IsValid() {
			t.Errorf("%s does not run", n.Path())
		}
		for _, f := range n.Flags {
			if f.Help == "" {
				t.Errorf("%s --%s has no help", n.Path(), f.Name)
			}
			if !f.IsBool() && f.PlaceHolder == "" {
				t.Errorf("%s --%s has no placeholder", n.Path(), f.Name)
			}
			if f.Value.Target.Kind() == reflect.Slice && f.Tag.Sep != -1 {
				t.Errorf("%s --%s splits its value at %q", n.Path(), f.Name, f.Tag.Sep)
			}
		}
	}
}

func mustParser(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(new(cli))
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// reference is what docs/cli.md says of each command and its flags.
func reference(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("## Flags of every command\n\n")
	writeFlags(&b, app.Flags)
	for _, n := range app.Leaves(true) {
		fmt.Fprintf(&b, "\n## plumbline %s\n\n%s\n\n", pathOf(n), n.Help)
		fmt.Fprintf(&b, "```\nplumbline %s\n```\n", usage(n))
		if len(n.Positional)+len(n.Flags) > 0 || n.Parent.Argument != nil {
			b.WriteString("\n")
		}
		if arg := n.Parent.Argument; arg != nil {
			fmt.Fprintf(&b, "- `%s`: %s\n", strings.ToUpper(arg.Name), arg.Help)
		}
		for _, arg := range n.Positional {
			fmt.Fprintf(&b, "- `%s`: %s\n", strings.ToUpper(arg.Name), arg.Help)
		}
		writeFlags(&b, n.Flags)
	}
	return b.String()
}

// pathOf is a command as it is typed: "action SESSION add".
func pathOf(n *kong.Node) string { return strings.ReplaceAll(n.Path(), "<session>", "SESSION") }

func usage(n *kong.Node) string {
	parts := []string{pathOf(n)}
	for _, arg := range n.Positional {
		name := strings.ToUpper(arg.Name)
		if arg.IsCumulative() {
			name += "..."
		}
		if !arg.Required {
			name = "[" + name + "]"
		}
		parts = append(parts, name)
	}
	optional := false
	for _, f := range n.Flags {
		if f.Required {
			parts = append(parts, signature(f))
		} else {
			optional = true
		}
	}
	if optional {
		parts = append(parts, "[flags]")
	}
	return strings.Join(parts, " ")
}

func writeFlags(b *strings.Builder, list []*kong.Flag) {
	for _, f := range list {
		if f.Hidden {
			continue
		}
		help := f.Help
		if len(f.Envs) > 0 {
			help += fmt.Sprintf(" Also `%s`.", strings.Join(f.Envs, "`, `"))
		}
		fmt.Fprintf(b, "- `%s`: %s\n", signature(f), help)
	}
}

func signature(f *kong.Flag) string {
	switch {
	case f.Tag.Negatable != "":
		return "--[no-]" + f.Name
	case f.IsBool():
		return "--" + f.Name
	}
	return "--" + f.Name + " " + f.PlaceHolder
}
