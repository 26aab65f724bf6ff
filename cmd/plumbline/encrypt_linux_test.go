package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"plumbline/assessment/store"
	"plumbline/content"
)

// A person encrypts a store and works with it: the passphrase is asked for, three times at most, and
// neither it nor anything of the store is shown before it is right.
func TestStorePassphraseIsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if out, err := plumbline("--store", path, "session", "new", "--org", "Tern", "--name", "T").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const first, again, ask = "New passphrase of the store: ", "Once more: ", "Passphrase of the store: "
	list := []string{"session", "list"}
	for _, tc := range []struct {
		name    string
		args    []string
		answers []answer
		signal  syscall.Signal
		code    int
		says    string
	}{
		{name: "two that differ", args: []string{"store", "encrypt"}, answers: []answer{{first, "sesame street\n"}, {again, "sesame st\n"}}, code: exitUsage, says: "differ"},
		{name: "still plain", args: list, says: "Tern"},
		{name: "encrypt", args: []string{"store", "encrypt"}, answers: []answer{{first, "sesame street\n"}, {again, "sesame street\n"}}, says: "is encrypted"},
		{name: "right", args: list, answers: []answer{{ask, "sesame street\n"}}, says: "Tern"},
		{name: "at the third time", args: list, answers: []answer{{ask, "sesame\n"}, {ask, "sesame seed\n"}, {ask, "sesame street\n"}}, says: "Tern"},
		{name: "never", args: list, answers: []answer{{ask, "sesame 1\n"}, {ask, "sesame 2\n"}, {ask, "sesame 3\n"}}, code: exitRefused, says: "nothing else opens it"},
		{name: "nothing", args: list, answers: []answer{{ask, "\n"}}, code: exitUsage, says: "empty"},
		{name: "interrupt", args: list, answers: []answer{{ask, ""}}, signal: syscall.SIGINT, code: exitFailed},
		{name: "app without it", answers: []answer{{ask, ""}}, signal: syscall.SIGTERM, code: exitFailed},
		{name: "another", args: []string{"store", "passwd"}, answers: []answer{{ask, "sesame street\n"}, {first, "sesame seed\n"}, {again, "sesame seed\n"}}, says: "new passphrase"},
		{name: "decrypt", args: []string{"store", "decrypt"}, answers: []answer{{ask, "sesame street\n"}, {ask, "sesame seed\n"}}, says: "not encrypted any more"},
		{name: "plain again", args: list, says: "Tern"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := plumbline(append([]string{"--store", path}, tc.args...)...)
			cmd.Env = append(os.Environ(), "TERM=xterm-256color")
			seen, code := converse(t, cmd, tc.signal, tc.answers...)
			if code != tc.code || !strings.Contains(seen, tc.says) {
				t.Errorf("exit code %d, not %d, or it does not say %q: %q", code, tc.code, tc.says, seen)
			}
			if strings.Contains(seen, "sesame") {
				t.Errorf("the passphrase is shown: %q", seen)
			}
			if tc.says != "Tern" && strings.Contains(seen, "Tern") {
				t.Errorf("a locked store shows what it holds: %q", seen)
			}
		})
	}
}

// The app asks before its first screen; then it works as ever, and what it says is saved is.
func TestAppUnlocks(t *testing.T) {
	program := buildApp(t)
	path := filepath.Join(t.TempDir(), "client.db")
	cat, err := content.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	makeSession(t, path, cat)
	st, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(st.Encrypt([]byte("sesame")), st.Close()); err != nil {
		t.Fatal(err)
	}
	c := open(t, program, "--store", path)
	for _, phrase := range []string{"opens\r", "sesame\r"} {
		seen := c.wait("Passphrase of the store: ")
		if strings.Contains(seen, "\x1b[?1049h") {
			t.Errorf("the app has the screen already: %q", seen)
		}
		waitForEcho(t, c.tty, false)
		c.key(phrase)
	}
	if seen := c.wait("client.db"); strings.Contains(seen, "sesame") {
		t.Errorf("the passphrase is shown: %q", seen)
	}
	c.key("\x03")
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
