package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// Two builds in folders, homes and time zones of their own are the same, byte for byte, and what release
// demands of a binary holds. CI does this for all six platforms, from the source archive, without a
// network and without the first build's cache; here the cache is shared, so that it takes seconds.
func TestBuildIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program three times")
	}
	source, err := readTree("../..")
	if err != nil {
		t.Fatal(err)
	}
	goroot, err := goEnv("GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	host := runtime.GOOS + "/" + runtime.GOARCH
	build := func(folder, zone, platforms string) (dir string, built map[string]*binary) {
		t.Helper()
		dir = filepath.Join(t.TempDir(), folder)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := source.writeTo(dir); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("make", "cross", "VERSION=0.0.1", "PLATFORMS="+platforms)
		cmd.Dir = dir
		// The home holds Go's caches, if nothing says otherwise.
		for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
			value, err := goEnv(name)
			if err != nil {
				t.Fatal(err)
			}
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "TZ="+zone)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
		paths, err := filepath.Glob(filepath.Join(dir, "bin", "cross", "*"))
		if err != nil {
			t.Fatal(err)
		}
		built = make(map[string]*binary)
		for _, path := range paths {
			b, err := readBinary(path)
			if err != nil {
				t.Fatal(err)
			}
			built[b.goos+"/"+b.goarch] = b
		}
		return dir, built
	}
	dir, one := build("here", "UTC", host+" windows/amd64")
	_, two := build("some where/else", "Asia/Tokyo", host)

	if one[host] == nil || two[host] == nil || one["windows/amd64"] == nil {
		t.Fatalf("not everything was built: %v, %v", sortedKeys(one), sortedKeys(two))
	}
	if !bytes.Equal(one[host].data, two[host].data) {
		t.Error("a build in another folder is not the same")
	}
	for platform, b := range one {
		if err := b.check(); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
		for _, trace := range []string{dir, goroot, os.Getenv("HOME") + "/"} {
			if len(trace) > 2 && bytes.Contains(b.data, []byte(trace)) {
				t.Errorf("%s: the binary knows the path %q", platform, trace)
			}
		}
	}
}

// The check sees a program that dials, on each system. Without this it might see nothing at all.
func TestCheckSeesWhatDials(t *testing.T) {
	if testing.Short() {
		t.Skip("builds three programs")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module dials\n\ngo 1.26.0\n",
		"main.go": `package main

import "net"

func main() { net.Dial("tcp", "192.0.2.1:80") }
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", "dials-"+goos)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", goos, err, out)
		}
		b, err := readBinary(filepath.Join(dir, "dials-"+goos))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.check(); err == nil || !strings.Contains(err.Error(), "net.Dial") {
			t.Errorf("%s: a program that dials passes the check: %v", goos, err)
		}
	}
}

func TestArchives(t *testing.T) {
	files := tree{
		{name: "b.txt", data: []byte("second")},
		{name: "a/run", data: []byte("first"), exec: true},
		{name: "a/" + strings.Repeat("long/", 40) + "name", data: nil},
	}
	turned := slices.Clone(files)
	slices.Reverse(turned)
	for name, pack := range map[string]func(tree) ([]byte, error){"tar.gz": tarGz, "zip": zipped} {
		one, err := pack(files)
		if err != nil {
			t.Fatal(err)
		}
		two, err := pack(turned)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s: the order of the files changes the archive", name)
		}
		if got := unpack(t, name, one); !slices.EqualFunc(got, files.sorted(), func(a, b file) bool {
			return a.name == b.name && bytes.Equal(a.data, b.data) && a.exec == b.exec
		}) {
			t.Errorf("%s: packed %v, unpacked %v", name, files.sorted(), got)
		}
	}
}

func unpack(t *testing.T, kind string, data []byte) (files tree) {
	t.Helper()
	if kind == "zip" {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.File {
			rc, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(rc)
			if err != nil {
				t.Fatal(err)
			}
			if !f.Modified.Equal(then) {
				t.Errorf("%s is of %v", f.Name, f.Modified)
			}
			files = append(files, file{f.Name, content, f.Mode()&0o100 != 0})
		}
		return files
	}
	gz, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(then) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" {
			t.Errorf("%s is of %v, of %d %q, %d %q", h.Name, h.ModTime, h.Uid, h.Uname, h.Gid, h.Gname)
		}
		files = append(files, file{h.Name, content, h.Mode&0o100 != 0})
	}
}

// A tree comes back as it was written, and leaves out what was built.
func TestTree(t *testing.T) {
	dir := t.TempDir()
	files := tree{{name: "a/run", data: []byte("x"), exec: true}, {name: "a.txt", data: []byte("y")}}
	if err := append(slices.Clone(files), file{name: "bin/built", data: []byte("z")}).writeTo(dir); err != nil {
		t.Fatal(err)
	}
	got, err := readTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := tarGz(files)
	two, _ := tarGz(got)
	if !bytes.Equal(one, two) {
		t.Errorf("wrote %v, read %v", files, got)
	}
	if err := (tree{{name: "../out"}}).writeTo(dir); err == nil {
		t.Error("a file was written outside of the folder")
	}
}

func TestLicenses(t *testing.T) {
	stage, goroot := t.TempDir(), t.TempDir()
	const (
		mit  = "Permission is hereby granted, free of charge, to any person obtaining a copy\nof this software"
		bsd  = "Neither the name of"
		font = "SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007"
	)
	for name, text := range map[string]string{
		"vendor/example.org/one/LICENSE":             mit + " one",
		"vendor/example.org/one/fonts/LICENSE-SIL":   font,
		"vendor/example.org/one/license.go":          bsd, // source, of whatever license
		"vendor/example.org/one/two/COPYING":         bsd, // of another module
		"vendor/example.org/none/main.go":            "package none",
		"vendor/example.org/strange/LICENSE-STRANGE": "Do as I say.",
	} {
		if err := (tree{{name: name, data: []byte(text)}}).writeTo(stage); err != nil {
			t.Fatal(err)
		}
	}
	if err := (tree{{name: "LICENSE", data: []byte(bsd + " Go")}, {name: "PATENTS", data: []byte("a grant")}}).writeTo(goroot); err != nil {
		t.Fatal(err)
	}
	info := func(modules ...string) *buildinfo.BuildInfo {
		in := &buildinfo.BuildInfo{GoVersion: "go1.2.3"}
		for _, m := range modules {
			in.Deps = append(in.Deps, &debug.Module{Path: "example.org/" + m, Version: "v1.0.0"})
		}
		return in
	}

	l, err := findLicenses(stage, goroot, info("one", "one/two"))
	if err != nil {
		t.Fatal(err)
	}
	for module, want := range map[string]string{
		"example.org/one v1.0.0": "MIT AND OFL-1.1", "example.org/one/two v1.0.0": "BSD-3-Clause", "Go 1.2.3": "BSD-3-Clause",
	} {
		if got := l.expression(module); got != want {
			t.Errorf("%s: %s, want %s", module, got, want)
		}
	}
	for _, want := range []string{mit + " one", font, bsd + " Go", "a grant", "example.org/one/two v1.0.0: COPYING"} {
		if !strings.Contains(string(l.text()), want) {
			t.Errorf("the texts lack %q", want)
		}
	}
	for _, module := range []string{"none", "strange", "missing"} {
		if _, err := findLicenses(stage, goroot, info(module)); err == nil {
			t.Errorf("%s: released without a license", module)
		}
	}
}

func TestBillOfMaterials(t *testing.T) {
	b := &binary{data: []byte("binary"), goos: "plan9", goarch: "arm", info: &buildinfo.BuildInfo{
		GoVersion: "go1.2.3", Deps: []*debug.Module{{Path: "example.org/One", Version: "v1.0.0+incompatible"}},
	}}
	l := licenses{
		"Go 1.2.3": {{ids: []string{"BSD-3-Clause"}}}, "example.org/One v1.0.0+incompatible": {{ids: []string{"MIT"}}},
	}
	if _, err := billOfMaterials("0.0.1", b, l, nil); err == nil {
		t.Error("a module without a checksum is no error")
	}
	sums := map[string]string{"example.org/One v1.0.0+incompatible": "h1:abc="}
	data, err := billOfMaterials("0.0.1", b, l, sums)
	if err != nil {
		t.Fatal(err)
	}
	var got bom
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if want := "urn:uuid:9a3a45d0-1531-820e-89ac-6ae10b0b0beb"; got.Serial != want { // from the SHA-256 of "binary"
		t.Errorf("serial number %s, not %s", got.Serial, want)
	}
	one := got.Components[1]
	if one.PURL != "pkg:golang/example.org/one@v1.0.0%2Bincompatible" || one.Properties[0].Value != "h1:abc=" || one.Licenses[0].Expression != "MIT" {
		t.Errorf("the module is listed as %+v", one)
	}
	if want := []string{"pkg:golang/std@1.2.3", one.PURL}; !slices.Equal(got.Dependencies[0].DependsOn, want) {
		t.Errorf("depends on %v, not %v", got.Dependencies[0].DependsOn, want)
	}
	again, err := billOfMaterials("0.0.1", b, l, sums)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("not the same twice (%v)", err)
	}
	b.data = []byte("another")
	if other, _ := billOfMaterials("0.0.1", b, l, sums); bytes.Equal(data, other) {
		t.Error("another binary has the same bill")
	}
}

func TestVersionForm(t *testing.T) {
	for version, want := range map[string]bool{
		"0.1.0": true, "1.22.333": true, "1.0.0-rc.1": true,
		"": false, "v1.0.0": false, "1.0": false, "01.0.0": false, "1.0.0 -X main.x=y": false, "1.0.0;rm": false, "1.0.0\n": false,
	} {
		if got := versionForm.MatchString(version); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}
