package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The import rules of docs/architecture.md. They keep the rating, the scores and the
// reports free of terminal, database and clock, and what ships free of the network.

// A rule says what the packages under one folder may know. A package obeys the rule with
// the longest folder that it lies under; a package without a rule fails the test.
type rule struct {
	folder string
	// knows lists the folders of the rules whose packages it may reach, directly or
	// through others. Packages that obey its own rule are always allowed.
	knows []string
	// never lists what it must not reach, not even through others.
	never []group
	// notItself lists what it must not import, though others may: fmt needs os.
	notItself []group
}

// A group is refused for one reason. A name that ends in a slash stands for all below it.
type group struct {
	names  []string
	reason string
}

var (
	database = group{
		[]string{"go.etcd.io/bbolt", "go.etcd.io/bbolt/"},
		"the file is the business of the store; everyone else gets values or a small interface",
	}
	terminal = group{
		[]string{"charm.land/", "github.com/charmbracelet/", "golang.org/x/term"},
		"this works without a terminal: in exports, on the command line, in tests",
	}
	flags = group{
		[]string{"github.com/alecthomas/kong", "flag"},
		"flags are read in cmd/plumbline and handed on as values",
	}
	system = group{
		[]string{"os", "os/", "syscall", "golang.org/x/sys/"},
		"same input, same bytes: files, environment and streams are handed in by the caller",
	}
	chance = group{
		[]string{"crypto/rand", "math/rand", "math/rand/"},
		"same input, same bytes: ids are handed in by the caller",
	}
	processes = group{
		[]string{"os/exec"},
		"only one file of the command starts a process, see TestOneFileStartsProcesses",
	}
	encryption = group{
		[]string{"filippo.io/age", "filippo.io/age/"},
		"a bundle is the same file each time; what is encrypted is not, so that is done by who asks for it",
	}
	network = group{
		[]string{"net", "net/http", "net/rpc", "net/smtp", "crypto/tls", "crypto/x509", "log/syslog"},
		"the app cannot call anyone, and proves it by having no code for it",
	}
)

// logs is refused to all of ours: whoever imports it writes texts somewhere.
var logs = group{
	[]string{"log", "log/"},
	"there is no log (docs/security.md): what a person needs to know is printed once, to that person",
}

var rules = []rule{
	{
		folder:    "content",
		never:     []group{database, terminal, flags},
		notItself: []group{processes},
	},
	{
		folder:    "content/internal/packgen", // a tool, with flags and files of its own
		knows:     []string{"content"},
		never:     []group{database, terminal},
		notItself: []group{processes},
	},
	{
		folder:    "assessment",
		knows:     []string{"content"},
		never:     []group{database, terminal, flags},
		notItself: []group{system, chance, processes},
	},
	{
		folder:    "assessment/intake", // bytes in, edits out
		knows:     []string{"assessment", "content"},
		never:     []group{database, terminal, flags},
		notItself: []group{system, chance, processes},
	},
	{
		folder:    "assessment/store",
		knows:     []string{"assessment", "content"},
		never:     []group{terminal},
		notItself: []group{flags, processes},
	},
	{
		folder:    "assessment/bundle",
		knows:     []string{"assessment", "content"},
		never:     []group{database, terminal, flags, chance, encryption},
		notItself: []group{system, processes},
	},
	{
		folder:    "assessment/bundle/sealed", // draws keys by chance, which is why it stands apart
		never:     []group{database, terminal, flags},
		notItself: []group{system, chance, processes},
	},
	{
		folder:    "reports",
		knows:     []string{"assessment", "content"},
		never:     []group{database, terminal, flags},
		notItself: []group{system, chance, processes},
	},
	{
		folder:    "tui",
		knows:     []string{"assessment", "assessment/intake", "content", "reports"},
		never:     []group{database},
		notItself: []group{flags, processes},
	},
	{
		folder:    "testdata/example",
		knows:     []string{"content", "assessment"},
		never:     []group{database, terminal, flags},
		notItself: []group{processes},
	},
	{
		folder: "cmd/plumbline",
		knows: []string{
			"content", "assessment", "assessment/intake", "assessment/bundle", "assessment/bundle/sealed", "assessment/store",
			"reports", "tui", "testdata/example",
		},
	},
}

const (
	module  = "plumbline"
	command = module + "/cmd/plumbline"
)

// Every released platform is asked: files differ by platform, and so do their imports.
func TestBoundaries(t *testing.T) {
	noteSourceFiles(t)
	for _, platform := range []string{
		"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64",
	} {
		t.Run(platform, func(t *testing.T) {
			imports := listImports(t, platform)
			checkRules(t, imports)
			if strings.HasPrefix(platform, "windows/") {
				// There golang.org/x/sys/windows brings net along, for the types of
				// socket calls that nothing here makes. No one else may.
				delete(imports, "golang.org/x/sys/windows")
			}
			if chain := imports.chain(command, network.has); chain != nil {
				t.Errorf("%s: %s", strings.Join(chain, " -> "), network.reason)
			}
		})
	}
}

// store doctor has a process of its own look into a file that may be damaged, since a fault in it can not
// be caught. That is the only process that what ships starts, and one file has the code for it.
func TestOneFileStartsProcesses(t *testing.T) {
	const only = "cmd/plumbline/doctor.go"
	starts := []string{"os/exec", "os.StartProcess", "syscall.ForkExec", "syscall.Exec", "syscall.StartProcess", "unix.Exec", "windows.CreateProcess"}
	found := false
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "bin") { // .ci is tools
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.ImportSpec:
				what = strings.Trim(n.Path.Value, `"`)
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok {
					what = pkg.Name + "." + n.Sel.Name
				}
			}
			if !slices.Contains(starts, what) {
				return true
			}
			if filepath.ToSlash(path) == root+"/"+only {
				found = true
			} else {
				t.Errorf("%s has %s: only %s may start a process", path, what, only)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Errorf("%s starts no process: the exception is to go", only)
	}
}

// docs/dependencies.md argues for each module that ours imports; a version there that is
// not the one in go.mod would argue for something else.
func TestDependenciesAreExplained(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	var mod struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		row := "| " + r.Path + " | " + r.Version + " |"
		if !r.Indirect && !bytes.Contains(page, []byte(row)) {
			t.Errorf("docs/dependencies.md has no row that begins %q", row)
		}
	}
}

func checkRules(t *testing.T, imports graph) {
	used := make(map[string]bool)
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		if !strings.HasPrefix(pkg, module+"/") {
			continue
		}
		r, ok := ruleFor(pkg)
		if !ok {
			t.Errorf("%s: no rule says what it may import", pkg)
			continue
		}
		used[r.folder] = true

		stranger := func(other string) bool {
			if !strings.HasPrefix(other, module+"/") {
				return false
			}
			o, ok := ruleFor(other)
			return ok && o.folder != r.folder && !slices.Contains(r.knows, o.folder)
		}
		if chain := imports.chain(pkg, stranger); chain != nil {
			t.Errorf("%s: %s may know %s", strings.Join(chain, " -> "), r.folder, orNobody(r.knows))
		}
		for _, g := range r.never {
			if chain := imports.chain(pkg, g.has); chain != nil {
				t.Errorf("%s: %s", strings.Join(chain, " -> "), g.reason)
			}
		}
		for _, g := range append([]group{logs}, r.notItself...) {
			for _, name := range imports[pkg] {
				if g.has(name) {
					t.Errorf("%s -> %s: %s", pkg, name, g.reason)
				}
			}
		}
	}
	for _, r := range rules {
		if !used[r.folder] {
			t.Errorf("%s: has a rule, but there is no such package", r.folder)
		}
	}
}

func ruleFor(pkg string) (best rule, ok bool) {
	for _, r := range rules {
		folder := module + "/" + r.folder
		if (pkg == folder || strings.HasPrefix(pkg, folder+"/")) && len(r.folder) > len(best.folder) {
			best, ok = r, true
		}
	}
	return best, ok
}

func (g group) has(pkg string) bool {
	return slices.ContainsFunc(g.names, func(name string) bool {
		return pkg == name || strings.HasSuffix(name, "/") && strings.HasPrefix(pkg, name)
	})
}

func orNobody(folders []string) string {
	if len(folders) == 0 {
		return "nobody of ours"
	}
	return "only " + strings.Join(folders, ", ")
}

// A graph holds what each package imports, without its tests.
type graph map[string][]string

// chain returns the shortest chain of imports from a package to another one for which
// found holds, both ends included, or nil.
func (g graph) chain(from string, found func(pkg string) bool) []string {
	importer := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, name := range g[queue[0]] {
			if _, seen := importer[name]; seen {
				continue
			}
			importer[name] = queue[0]
			if found(name) {
				var chain []string
				for at := name; at != ""; at = importer[at] {
					chain = append(chain, at)
				}
				slices.Reverse(chain)
				return chain
			}
			queue = append(queue, name)
		}
	}
	return nil
}

// listImports asks the go command for all packages of the module and what they import, as
// built for the platform without cgo.
func listImports(t *testing.T, platform string) graph {
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...", "./testdata/example")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.String())
	}
	imports := make(graph)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		switch err := dec.Decode(&pkg); {
		case errors.Is(err, io.EOF):
			return imports
		case err != nil:
			t.Fatalf("%v: %v", cmd.Args, err)
		}
		imports[pkg.ImportPath] = pkg.Imports
	}
}

// root is the module's folder, seen from this package's.
const root = "../.."

// noteSourceFiles reads the folders that hold source. The go command remembers a test's
// result with the folders that the test read and their files' times, but knows nothing of
// what the processes that it starts read: without this a file for another platform could
// change and a remembered "ok" would stand.
func noteSourceFiles(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "bin") {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
