/**
 * The rows that an instance leaves in the databases, with their times: one query per table, with INSTANCE for its id.
 */

/** `database.table` -> query. The databases store times in whole seconds. */
export const tables: Readonly<Record<string, string>> = {
  'nova_api.build_requests':
    'SELECT instance_uuid, created_at FROM nova_api.build_requests WHERE instance_uuid = INSTANCE',
  'nova_api.request_specs':
    'SELECT instance_uuid, created_at, updated_at FROM nova_api.request_specs WHERE instance_uuid = INSTANCE',
  'nova_api.instance_mappings':
    'SELECT m.instance_uuid, c.name AS cell, m.created_at, m.updated_at FROM nova_api.instance_mappings m LEFT JOIN nova_api.cell_mappings c ON c.id = m.cell_id WHERE m.instance_uuid = INSTANCE',
  'nova.instances':
    'SELECT uuid, host, vm_state, image_ref, created_at, launched_at FROM nova.instances WHERE uuid = INSTANCE',
  'nova_cell0.instances':
    'SELECT uuid, host, vm_state, image_ref, created_at, launched_at FROM nova_cell0.instances WHERE uuid = INSTANCE',
  'nova.instance_actions':
    "SELECT action, request_id, start_time AS created_at FROM nova.instance_actions WHERE instance_uuid = INSTANCE AND action = 'create'",
  // Where an instance is that no host could take.
  'nova_cell0.instance_actions':
    "SELECT action, request_id, start_time AS created_at FROM nova_cell0.instance_actions WHERE instance_uuid = INSTANCE AND action = 'create'",
  'nova.instance_actions_events':
    'SELECT e.event, e.host, e.result, e.start_time AS created_at, e.finish_time FROM nova.instance_actions_events e JOIN nova.instance_actions a ON a.id = e.action_id WHERE a.instance_uuid = INSTANCE',
  'nova.block_device_mapping':
    'SELECT source_type, destination_type, device_name, volume_id, image_id, created_at, updated_at FROM nova.block_device_mapping WHERE instance_uuid = INSTANCE AND deleted = 0',
  'neutron.ports':
    'SELECT p.id, p.mac_address, p.status, p.network_id, s.created_at, s.updated_at FROM neutron.ports p JOIN neutron.standardattributes s ON s.id = p.standard_attr_id WHERE p.device_id = INSTANCE',
  'neutron.ipallocations':
    'SELECT i.port_id, i.ip_address, s.created_at FROM neutron.ipallocations i JOIN neutron.ports p ON p.id = i.port_id JOIN neutron.standardattributes s ON s.id = p.standard_attr_id WHERE p.device_id = INSTANCE',
  'neutron.ml2_port_bindings':
    'SELECT b.port_id, b.host, b.vif_type, b.status, s.created_at FROM neutron.ml2_port_bindings b JOIN neutron.ports p ON p.id = b.port_id JOIN neutron.standardattributes s ON s.id = p.standard_attr_id WHERE p.device_id = INSTANCE',
  'cinder.volume_attachment':
    'SELECT volume_id, attached_host, attach_status, created_at, attach_time FROM cinder.volume_attachment WHERE instance_uuid = INSTANCE AND deleted = 0',
}
