package main

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// check refuses a binary that is not what docs/security.md says of it.
func (b *binary) check() error {
	for key, want := range map[string]string{"-trimpath": "true", "CGO_ENABLED": "0", "vcs": "", "GOEXPERIMENT": ""} {
		if got := b.setting(key); got != want {
			return fmt.Errorf("built with %s=%q, not %q", key, got, want)
		}
	}
	for _, m := range b.info.Deps {
		if m.Replace != nil {
			return fmt.Errorf("%s is replaced by %s", m.Path, m.Replace.Path)
		}
	}
	libraries, symbols, err := b.linkage()
	if err != nil {
		return err
	}
	if symbols {
		return fmt.Errorf("it is not stripped")
	}
	for _, lib := range libraries {
		if !slices.Contains(systemLibraries[b.goos], lib) {
			return fmt.Errorf("it loads %s", lib)
		}
	}
	if found := b.reachesOut(); len(found) > 0 {
		return fmt.Errorf("it links what could reach a network: %s", strings.Join(found, ", "))
	}
	return nil
}

// systemLibraries are what a program on the system may load when it starts. On Linux that is nothing: the
// binary runs whatever C library there is, or none. macOS and Windows know no other way to make a system
// call than through libraries of theirs. Go's package os names libresolv on macOS and, where nothing looks
// up names, takes no function of it (reachesOut looks).
var systemLibraries = map[string][]string{
	"darwin":  {"/usr/lib/libSystem.B.dylib", "/usr/lib/libresolv.9.dylib"},
	"windows": {"kernel32.dll"},
}

// linkage returns which libraries the binary loads when it starts, and whether it has a symbol table.
func (b *binary) linkage() (libraries []string, symbols bool, err error) {
	r := bytes.NewReader(b.data)
	switch b.goos {
	case "darwin":
		f, err := macho.NewFile(r)
		if err != nil {
			return nil, false, err
		}
		libraries, err = f.ImportedLibraries()
		// What it takes from libSystem must be named; its own functions need not be.
		symbols = f.Symtab != nil && slices.ContainsFunc(f.Symtab.Syms, func(s macho.Symbol) bool { return s.Name == "runtime.main" })
		return libraries, symbols, err
	case "windows":
		f, err := pe.NewFile(r)
		if err != nil {
			return nil, false, err
		}
		// Their names are not read by ImportedLibraries, but stand with the functions taken from them.
		functions, err := f.ImportedSymbols()
		for _, fn := range functions {
			_, lib, _ := strings.Cut(fn, ":")
			libraries = append(libraries, strings.ToLower(lib))
		}
		slices.Sort(libraries)
		return slices.Compact(libraries), len(f.Symbols) > 0, err
	default:
		f, err := elf.NewFile(r)
		if err != nil {
			return nil, false, err
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
				libraries = append(libraries, "a dynamic linker")
			}
		}
		return libraries, f.Section(".symtab") != nil, nil
	}
}

// Go keeps the name of every linked function, for stack traces, in a stripped binary too: each between
// two zero bytes.
var functionName = regexp.MustCompile(`\x00((?:net|net/http|crypto/tls|crypto/x509|syscall|golang\.org/x/sys/(?:unix|windows))\.[^\x00]+)`)

// reachesOut returns the linked functions with which a program could reach a network.
//
// On Linux and macOS that is anything of net, and the calls that make a socket or give it an address.
// (Calls that use a socket are linked everywhere, with the files of package os, which knows sockets as a
// kind of file: accept, sendto and the like. Without a socket they do nothing.) On Windows
// golang.org/x/sys/windows brings net along for its types: four functions that set up variables may be
// there, and nothing that dials, listens or looks up. Package os links the call that makes a socket there;
// nothing that is linked gives one an address.
func (b *binary) reachesOut() []string {
	var found []string
	known := false
	for _, m := range functionName.FindAllSubmatch(b.data, -1) {
		name := string(m[1])
		known = known || strings.HasPrefix(name, "syscall.")
		pkg, fn, _ := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ".")
		switch pkg {
		case "net":
			if b.goos == "windows" && slices.Contains([]string{"IPv4", "IPv4Mask", "init", "init.0"}, fn) {
				continue
			}
		case "syscall", "unix", "windows":
			calls := []string{"Socket", "socket", "Socketpair", "Connect", "connect", "Bind", "bind", "Listen", "listen"}
			if b.goos == "windows" {
				calls = []string{"Connect", "Bind", "bind", "Listen", "listen", "DnsQuery", "GetAddrInfoW"}
			}
			if !slices.Contains(calls, fn) {
				continue
			}
		}
		found = append(found, name)
	}
	if b.goos == "darwin" {
		taken, err := b.taken()
		if err != nil || len(taken) == 0 {
			return []string{"(what it takes from the system's libraries cannot be read)"}
		}
		for _, name := range taken {
			if slices.Contains([]string{"_socket", "_connect", "_bind", "_listen", "_getaddrinfo"}, name) || strings.HasPrefix(name, "_res_") {
				found = append(found, name)
			}
		}
	}
	if !known {
		return []string{"(no function names found, so nothing is known)"}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// taken returns the functions that a binary for macOS takes from the system's libraries.
func (b *binary) taken() ([]string, error) {
	f, err := macho.NewFile(bytes.NewReader(b.data))
	if err != nil {
		return nil, err
	}
	return f.ImportedSymbols()
}
