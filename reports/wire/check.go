package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
)

// Check reads back what Encode has written and compares it, value by value, with the envelope.
func (e Envelope) Check(data []byte) error {
	got, err := generic(data)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	want, err := generic(raw)
	if err != nil {
		return err
	}
	if at := difference(got, want, ""); at != "" {
		return fmt.Errorf("the member %s is not what it should be", at)
	}
	return nil
}

// generic reads one JSON object, its numbers as they are written.
func generic(data []byte) (v map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is something after the JSON object")
	}
	return v, nil
}

// difference returns the path of the first member that differs, "" where none does.
func difference(got, want any, path string) string {
	if g, ok := got.(map[string]any); ok {
		if w, ok := want.(map[string]any); ok && len(g) == len(w) {
			for _, name := range slices.Sorted(maps.Keys(w)) {
				if at := difference(g[name], w[name], path+"/"+name); at != "" {
					return at
				}
			}
			return ""
		}
	}
	if !reflect.DeepEqual(got, want) {
		if path == "" {
			return "/"
		}
		return path
	}
	return ""
}
