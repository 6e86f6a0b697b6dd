import { expect, test } from 'vitest'
import { parseReleases } from '../../scripts/host/source-facts.ts'

test("release files are found in apt's own list of what an update would fetch", () => {
  const uris = `'http://a.example/debian/dists/bookworm/InRelease' a_InRelease 0
'http://a.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' a_Packages 0
'file:/srv/dists/x/InRelease' b 0`
  expect(parseReleases(uris)).toEqual(['http://a.example/debian/dists/bookworm/InRelease'])
})
