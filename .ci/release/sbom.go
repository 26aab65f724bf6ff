package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// CycloneDX 1.6, as far as it is used here.
type (
	bom struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Lifecycles []lifecycle `json:"lifecycles"`
		Component  component   `json:"component"`
	}
	lifecycle struct {
		Phase string `json:"phase"`
	}
	component struct {
		Type        string     `json:"type"`
		Ref         string     `json:"bom-ref"`
		Name        string     `json:"name"`
		Version     string     `json:"version"`
		Description string     `json:"description,omitempty"`
		Hashes      []digest   `json:"hashes,omitempty"`
		Licenses    []license  `json:"licenses"`
		PURL        string     `json:"purl"`
		Properties  []property `json:"properties,omitempty"`
	}
	digest struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	license struct {
		Expression string `json:"expression"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn"`
	}
)

// billOfMaterials says what a binary is made of, from what Go wrote into it. The checksums of the modules
// are those of go.sum, as a property: they are hashes over the names and hashes of a module's files,
// which CycloneDX has no name for.
//
// There is no time in it, and the serial number follows from the binary, so it is the same each time.
func billOfMaterials(version string, b *binary, l licenses, sums map[string]string) ([]byte, error) {
	hash := sha256.Sum256(b.data)
	self := component{
		Type: "application", Name: "plumbline", Version: version,
		Description: "Assesses AI cybersecurity risk on NIST's Cyber AI Profile (IR 8596, initial preliminary draft), offline.",
		Hashes:      []digest{{"SHA-256", fmt.Sprintf("%x", hash)}},
		Licenses:    []license{{"Apache-2.0"}},
		PURL:        "pkg:generic/plumbline@" + version + "?os=" + b.goos + "&arch=" + b.goarch,
	}
	self.Ref = self.PURL
	for _, s := range b.info.Settings {
		self.Properties = append(self.Properties, property{"plumbline:build:" + s.Key, s.Value})
	}

	gov := strings.TrimPrefix(b.info.GoVersion, "go")
	std := component{
		Type: "library", Name: "std", Version: gov, Description: "Go's runtime and standard library",
		Licenses: []license{{l.expression(goName(b.info))}}, PURL: "pkg:golang/std@" + gov,
	}
	std.Ref = std.PURL
	parts := []component{std}
	for _, m := range b.info.Deps {
		sum, ok := sums[m.Path+" "+m.Version]
		if !ok {
			return nil, fmt.Errorf("%s %s is linked and not in go.sum", m.Path, m.Version)
		}
		// In a package URL a plus sign, as in +incompatible, is written %2B.
		purl := "pkg:golang/" + strings.ToLower(m.Path) + "@" + strings.ReplaceAll(m.Version, "+", "%2B")
		parts = append(parts, component{
			Type: "library", Ref: purl, Name: m.Path, Version: m.Version,
			Licenses: []license{{l.expression(m.Path + " " + m.Version)}}, PURL: purl,
			Properties: []property{{"plumbline:go.sum", sum}},
		})
	}
	all := dependency{Ref: self.Ref}
	for _, p := range parts {
		all.DependsOn = append(all.DependsOn, p.Ref)
	}

	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(bom{
		Format: "CycloneDX", Spec: "1.6", Serial: "urn:uuid:" + uuid(hash), Version: 1,
		Metadata:   metadata{Lifecycles: []lifecycle{{"build"}}, Component: self},
		Components: parts, Dependencies: []dependency{all},
	})
	return out.Bytes(), err
}

// uuid makes a UUID of version 8 (RFC 9562: of its maker's own making) from a hash.
func uuid(hash [sha256.Size]byte) string {
	u := hash[:16]
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// readSums reads the checksums of modules from go.sum, by "path version".
func readSums(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sums := make(map[string]string)
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			return sums, lines.Err()
		}
		if field := strings.Fields(lines.Text()); len(field) == 3 && !strings.HasSuffix(field[1], "/go.mod") {
			sums[field[0]+" "+field[1]] = field[2]
		}
	}
}
