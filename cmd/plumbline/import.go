package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"plumbline/assessment/bundle"
	"plumbline/assessment/intake"
)

type importCmd struct {
	File      string    `arg:"" help:"The file. What it is, its content says, not its name."`
	Into      string    `placeholder:"SESSION" help:"The session that the file goes into; needed, but for a bundle. Of a bundle, take only what belongs to this session."`
	Map       []mapping `sep:"none" placeholder:"SCALE:VALUE=LEVEL" help:"What a value of the file's own scale stands for: 0 to 3, or - to leave it out; SCALE: only where the file has several. May be repeated. proposed takes what --dry-run proposes. Nothing else is ever converted."`
	Area      *area     `placeholder:"AREA" help:"Take what the file says of Subcategories as said of their items in this Focus Area; without it, of the base ratings."`
	Overwrite bool      `help:"Apply what is in conflict too: answers newer than the file's, and of a file that contradicts itself the last word."`
	AsCopy    *string   `name:"as-copy" placeholder:"NAME" help:"Import a session of a bundle that went on differently here, or a redacted one, as a new session of that name."`
	DryRun    bool      `help:"Only say what would happen."`
	keyFlags
}

// Help is shown below the flags: what can be imported.
func (c *importCmd) Help() string {
	names := make([]string, len(intake.Kinds))
	for i, k := range intake.Kinds {
		names[i] = k.Name()
	}
	return "A bundle (.plumb, also encrypted) brings its sessions. Any other file goes into the session of --into, in one act that one undo takes back: " +
		strings.Join(names, ", ") + "."
}

func (c *importCmd) Run(ctx context.Context, p *program) error {
	in, err := p.receive(ctx, c.File, c.keyFlags)
	if err != nil {
		return err
	}
	switch isBundle := bundle.Holds(in.data); {
	case in.encrypted && !isBundle:
		return fmt.Errorf("%w: %q is encrypted and holds no bundle", errForeign, c.File)
	case !isBundle:
		return p.importFile(ctx, c, in.data)
	case c.Map != nil || c.Area != nil || c.Overwrite:
		return usagef("--map, --area and --overwrite do not go with a bundle, which %q is", c.File)
	}
	im := bundleImport{
		program: p, name: filepath.Base(c.File), sha256: in.sha256, size: len(in.data), encrypted: in.encrypted, into: c.Into, asCopy: c.AsCopy, dryRun: c.DryRun,
	}
	return im.run(ctx, in.data)
}
