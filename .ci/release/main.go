// Command release makes what a release of Plumbline consists of, from a commit: source with all modules,
// binaries for six platforms, for each a bill of materials, the licenses of what is linked, and the
// checksums of all that.
//
//	go run ./.ci/release -version 0.1.0 -out bin/release
//
// The binaries are built from the source archive that is released with them, in a folder of their own and
// without a proxy, so what the archive is for (building where nothing can be fetched) has happened once
// before it ships. Whoever unpacks that archive and runs this again with the same Go gets the same files,
// byte for byte: no clock, no user, no path and no map order goes into any of them.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	version := flag.String("version", "", "version to release, such as 0.1.0")
	out := flag.String("out", "bin/release", "folder to write; what it holds is removed")
	flag.Parse()
	if err := release(*version, *out); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var versionForm = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

// release fills the folder out from the source in the current folder: its commit where it is a checkout
// of git, else all files, as an unpacked source archive has them.
func release(version, out string) error {
	if !versionForm.MatchString(version) {
		return fmt.Errorf("%q is no version such as 0.1.0: make release VERSION=0.1.0", version)
	}
	stage, err := os.MkdirTemp("", "plumbline-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(stage)
	if err := copySource(".", stage); err != nil {
		return fmt.Errorf("copy the source: %w", err)
	}
	if err := vendor(stage); err != nil {
		return err
	}
	src, err := readTree(stage) // before anything is built there
	if err != nil {
		return err
	}
	if err := run(stage, offline(), "make", "cross", "VERSION="+version); err != nil {
		return err
	}
	sums, err := readSums(filepath.Join(stage, "go.sum"))
	if err != nil {
		return err
	}

	files := make(map[string][]byte) // what is released, by name
	name := "plumbline-" + version
	if files[name+"-source.tar.gz"], err = tarGz(src.under(name)); err != nil {
		return err
	}
	built, err := filepath.Glob(filepath.Join(stage, "bin", "cross", "*"))
	if err != nil {
		return err
	}
	if len(built) == 0 {
		return fmt.Errorf("make cross built nothing")
	}
	goroot, err := goEnv("GOROOT")
	if err != nil {
		return err
	}
	linked := make(licenses)
	for _, path := range built {
		bin, err := readBinary(path)
		if err != nil {
			return err
		}
		if err := bin.check(); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		own, err := findLicenses(stage, goroot, bin.info)
		if err != nil {
			return err
		}
		for module, texts := range own {
			linked[module] = texts
		}
		bom, err := billOfMaterials(version, bin, own, sums)
		if err != nil {
			return err
		}

		platform := name + "-" + bin.platform()
		content := src.only("README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "docs/*.md", "docs/schemas/*", "docs/licenses/*")
		content = append(content,
			file{name: bin.name(), data: bin.data, exec: true},
			file{name: "sbom.cdx.json", data: bom},
			file{name: "THIRD-PARTY-LICENSES.txt", data: own.text()},
		)
		if bin.goos == "windows" {
			files[platform+".zip"], err = zipped(content.under(platform))
		} else {
			files[platform+".tar.gz"], err = tarGz(content.under(platform))
		}
		if err != nil {
			return err
		}
		files[platform+".cdx.json"] = bom
	}
	files["THIRD-PARTY-LICENSES.txt"] = linked.text()
	return write(out, files)
}

// copySource copies the source to an empty folder. A checkout of git gives its last commit, and nothing
// that was not committed.
func copySource(from, to string) error {
	if _, err := os.Stat(filepath.Join(from, ".git")); err != nil {
		t, err := readTree(from)
		if err != nil {
			return err
		}
		return t.writeTo(to)
	}
	// git refuses a checkout that another user owns. This reads a commit and runs nothing of it.
	git := func(args ...string) *exec.Cmd {
		cmd := exec.Command("git", append([]string{"-c", "safe.directory=*"}, args...)...)
		cmd.Dir, cmd.Stderr = from, os.Stderr
		return cmd
	}
	changed, err := git("status", "--porcelain").Output()
	if err != nil {
		return fmt.Errorf("git status: %w", err)
	}
	if len(changed) > 0 {
		fmt.Fprintf(os.Stderr, "release: these changes are not committed, and not released:\n%s", changed)
	}
	packed, err := git("archive", "--format=tar", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("git archive: %w", err)
	}
	t, err := readTar(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("git archive: %w", err)
	}
	return t.writeTo(to)
}

// vendor brings the modules into the folder vendor, for which it asks the module cache or the proxy. A
// source archive has them.
func vendor(stage string) error {
	if _, err := os.Stat(filepath.Join(stage, "vendor", "modules.txt")); err == nil {
		return nil
	}
	return run(stage, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off"), "go", "mod", "vendor")
}

// offline is the environment of the builds: nothing can be fetched, and what a developer may have set for
// his own builds does not reach these. Modules come from the folder vendor alone, and then Go does not
// write their checksums into the binary, whether it knows them or not: that is what makes a build on a
// machine without a module cache come out the same.
func offline() []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == "VERSION" || strings.HasPrefix(name, "MAKE") || name == "MFLAGS" || strings.HasPrefix(name, "CGO_") ||
			strings.HasPrefix(name, "GO") && !slices.Contains([]string{"GOCACHE", "GOROOT", "GOTMPDIR", "GOPATH", "GOMODCACHE"}, name)
	})
	return append(env, "GOENV=off", "GOFLAGS=-mod=vendor", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "GOTELEMETRY=off")
}

// goEnv asks the go command for one of its settings.
func goEnv(name string) (string, error) {
	value, err := exec.Command("go", "env", name).Output()
	if err != nil {
		return "", fmt.Errorf("go env %s: %w", name, err)
	}
	return strings.TrimSpace(string(value)), nil
}

func run(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return nil
}

// A binary is a program as it was built.
type binary struct {
	data         []byte
	info         *buildinfo.BuildInfo
	goos, goarch string
}

func readBinary(path string) (*binary, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := &binary{data: data, info: info}
	b.goos, b.goarch = b.setting("GOOS"), b.setting("GOARCH")
	return b, nil
}

func (b *binary) setting(key string) string {
	for _, s := range b.info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

func (b *binary) platform() string { return b.goos + "-" + b.goarch }

func (b *binary) name() string {
	if b.goos == "windows" {
		return "plumbline.exe"
	}
	return "plumbline"
}

// write replaces the folder by these files and their checksums, in the form that sha256sum -c reads.
func write(dir string, files map[string][]byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var sums strings.Builder
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(files[name]), name)
	}
	files["SHA256SUMS"] = []byte(sums.String())
	for _, name := range sortedKeys(files) {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			return err
		}
		fmt.Printf("%s (%d bytes)\n", filepath.Join(dir, name), len(files[name]))
	}
	return nil
}
