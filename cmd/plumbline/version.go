package main

import (
	"crypto/fips140"
	"runtime"
	"runtime/debug"

	"plumbline/assessment/store"
	"plumbline/content"
	"plumbline/reports/wire"
)

type versionCmd struct{}

func (versionCmd) Run(p *program) error {
	cat, err := content.Embedded()
	if err != nil {
		return err
	}
	build := wire.Build{
		Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		StoreSchema: store.Schema, StoreReadableFrom: store.ReadableFrom(), FIPS: fipsMode(),
		Modules: []wire.Module{},
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			build.Modules = append(build.Modules, wire.Module{Path: m.Path, Version: m.Version})
		}
	}
	if p.JSON {
		return p.json(wire.KindVersion, cat, nil, build)
	}
	pack := cat.Pack()
	p.print("plumbline %s (%s, %s, store schema %d)", build.Version, build.Go, build.Platform, build.StoreSchema)
	p.print("pack %s edition %d, %s: %s", pack.ID, pack.Edition, pack.Status, pack.Source)
	p.print("manifest %s", pack.SHA256)
	p.print("facts    %s", pack.Facts)
	p.print("%s", wire.Wording)
	return nil
}

// fipsMode says whether Go's FIPS 140-3 module is in use, which GODEBUG=fips140=on and =only ask for.
func fipsMode() string {
	switch {
	case fips140.Enforced():
		return "only"
	case fips140.Enabled():
		return "on"
	}
	return "off"
}
