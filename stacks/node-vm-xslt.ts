/** The XSLT stylesheet that adds to a domain what the provider has no argument for. */

import type { Lab, LabNode } from '../scripts/declaration/lab.ts'
import { consoleLog } from '../scripts/libvirt/console-log.ts'
import { kindOf } from '../scripts/nodes/kind-of.ts'
import { poolOf } from '../scripts/nodes/vm-paths.ts'
import { volumesSerial } from '../scripts/nodes/vm-xml.ts'

/** Applied with xsltproc by the provider, once, when the domain is created. */
export function domainStylesheet(lab: Lab, node: LabNode): string {
  return `<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes"/>
  <xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
  <!-- No display: by default there is one on 127.0.0.1 without a password. And no agent in the nodes to talk to. -->
  <xsl:template match="/domain/devices/graphics|/domain/devices/video|/domain/devices/channel"/>
  <!-- The node's host key is read from what the serial console said. -->
  <xsl:template match="/domain/devices/console">
    <xsl:copy><xsl:apply-templates select="@*|node()"/><log file="${consoleLog(lab, node.name)}" append="off"/></xsl:copy>
  </xsl:template>
  <!-- By file: AppArmor's helper for libvirt finds no volume outside of the default pool, and QEMU may not read it. -->
  <xsl:template match="/domain/devices/disk[@type='volume']">
    <disk type="file">
      <xsl:apply-templates select="@*[name()!='type']|node()"/>
      <xsl:if test="target/@dev='vdb'"><serial>${volumesSerial}</serial></xsl:if>
    </disk>
  </xsl:template>
  <xsl:template match="/domain/devices/disk/source[@volume]">
    <source file="{concat('${poolOf(lab).path}/', @volume)}"/>
  </xsl:template>
${kindOf(lab).usesKvm ? '' : unsafeCache}</xsl:stylesheet>
`
}

/** A lab on emulated nodes is recreated rather than repaired, and every flush costs time. */
const unsafeCache = `  <xsl:template match="/domain/devices/disk/driver">
    <xsl:copy><xsl:apply-templates select="@*"/><xsl:attribute name="cache">unsafe</xsl:attribute></xsl:copy>
  </xsl:template>
`
