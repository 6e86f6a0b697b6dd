/** The first exercises in Korean. */

import type { Texts } from '../exercise.ts'

export const korean: Readonly<Record<string, Texts>> = {
  'stuck-in-build': {
    title: '끝나지 않는 BUILD',
    task: '"서버를 만들었고 요청은 바로 받아들여졌습니다. 서버는 1분 동안 BUILD에 머물다가 ERROR가 됩니다. 다른 사람이 만들어도 똑같습니다."',
    hints: [
      'API는 응답했으니 요청은 그다음 단계로 넘어갔습니다. 서버를 만들 때 nova-api 다음에는 어떤 서비스를 거칠까요? ./lab openstack compute service list와 4장을 보세요.',
      '데이터베이스에는 서비스가 마지막으로 보고한 때가 남아 있을 뿐이라 지난 소식일 수 있습니다. 어떤 유닛이 실행 중인지 컨트롤러에서 직접 확인하세요. ./lab status를 쓰거나 노드에서 systemctl을 쓰면 됩니다.',
      'nova-conductor는 호스트를 고르는 서비스를 기다리고 있습니다. 컨트롤러에서 그 유닛을 확인하세요.',
    ],
    answer:
      'nova-scheduler가 멈춰 있었습니다. nova-api는 요청을 nova-conductor에 넘기고 기다리지 않습니다. nova-conductor는 메시지 큐로 nova-scheduler에 호스트를 묻습니다. 그 질문을 받는 서비스가 없으므로 호출 시간이 초과될 때까지(MessagingTimeout) 서버는 BUILD에 머뭅니다.',
  },
  'no-more-servers': {
    title: '더 만들 수 없는 서버',
    task: '"admin으로 서버를 더 만들 수 없습니다. 요청이 403으로 바로 거절됩니다. 다른 프로젝트에서는 서버를 만들 수 있습니다."',
    hints: [
      '거절 메시지를 끝까지 읽으세요. 무엇이 너무 많은지, 얼마까지 허용되는지 나와 있습니다.',
      '프로젝트가 쓸 수 있는 양을 쿼터(quota)라고 합니다. ./lab openstack quota show로 볼 수 있습니다.',
      '인스턴스 쿼터와 프로젝트에 있는 서버 수를 비교하세요. 쿼터를 늘리거나 필요 없는 서버를 지우면 됩니다.',
    ],
    answer:
      'admin 프로젝트의 인스턴스 쿼터가 지금 있는 서버 수와 같았습니다. nova-api는 데이터베이스에 쓰기 전에 먼저 세므로 바로 거절합니다. 쿼터를 늘려도 되고 서버를 하나 줄여도 됩니다.',
  },
  'no-address': {
    title: '주소를 받지 못한 서버',
    task: '"새 서버는 ACTIVE이고 목록에는 주소도 나옵니다. 그런데 그 주소에서 아무 응답이 없습니다. 콘솔에는 DHCP 임대(lease)를 받지 못했다고 나옵니다. 전에 만든 서버는 괜찮습니다."',
    hints: [
      '목록의 주소는 Neutron이 정해 둔 값입니다. 서버는 부팅할 때 DHCP로 주소를 받습니다. 여기서는 무엇이 DHCP에 응답할까요? 2장을 보세요.',
      'dnsmasq는 계속 실행 중이고, 이미 아는 서버에는 응답합니다. 새 포트를 dnsmasq에 알려 주는 것은 무엇일까요? ./lab openstack network agent list와 ./lab status를 보세요.',
      '컨트롤러에서 neutron-dhcp-agent 유닛을 확인하세요. 주소 받기를 포기한 서버는 재부팅하면 다시 요청합니다.',
    ],
    answer:
      'neutron-dhcp-agent가 멈춰 있었습니다. 이 에이전트가 시작한 dnsmasq는 이미 아는 서버를 계속 처리합니다. 새 포트는 메시지 큐의 cast로 에이전트에 전달되는데, 아무도 그 결과를 기다리지 않습니다. 그래서 서버는 주소를 받지 못한 채 ACTIVE가 됩니다.',
  },
  'silent-server': {
    title: '응답하지 않는 서버',
    task: '"서버 SERVER는 어제까지 ping과 ssh에 응답했습니다. 오늘은 응답하지 않습니다. Nova는 ACTIVE라고 하고 콘솔에는 로그인 프롬프트가 보입니다."',
    hints: [
      '서버는 실행 중입니다. 그렇다면 서버와 여러분 사이에 무엇이 있을까요? ./lab topology --path SERVER가 구간마다 확인해 줍니다.',
      '연결은 모두 이어져 있습니다. 어떤 패킷이 포트로 들어갈 수 있는지는 무엇이 정할까요? ./lab openstack port list --server SERVER --long을 보세요.',
      '서버 포트의 보안 그룹과 그 규칙을 확인하세요. ./lab openstack security group list --project admin과 ./lab openstack security group rule list ID로 볼 수 있습니다. 빠진 규칙은 ping-and-ssh 그룹에 있습니다.',
    ],
    answer:
      '서버의 포트에 보안 그룹이 default 하나뿐이었습니다. 이 그룹의 규칙은 같은 그룹에 속한 포트에서 오는 트래픽만 받습니다. 컴퓨트 노드의 에이전트는 이 규칙을 탭의 iptables 규칙으로 만듭니다. 포트에 다른 그룹을 주거나 그룹에 규칙을 추가하면 됩니다.',
  },
  'no-images-1': {
    title: '보이지 않는 이미지, 첫 번째',
    task: '"./lab openstack image list가 실패합니다. 연결이 거부된다고 합니다. 다른 목록은 모두 나옵니다. 상태를 보면 glance-api는 active입니다."',
    hints: [
      '서비스가 포트를 열고 있나요? ./lab ssh controller ss -ltn으로 열린 포트를 볼 수 있습니다. Glance의 포트는 9292입니다.',
      '포트는 열려 있고 컨트롤러 안에서는 응답합니다. 다른 노드에서는 응답하지 않습니다. 그 사이에 무엇이 있을까요?',
      '컨트롤러의 패킷 필터를 읽어 보세요. ./lab ssh controller iptables -S INPUT.',
    ],
    answer:
      '컨트롤러의 패킷 필터에 eth0으로 들어와 9292번 포트로 가는 패킷을 모두 거부하는 규칙이 있었습니다. 서비스는 실행 중이고 포트도 열려 있지만, 밖에서 연결하면 거부됩니다.',
  },
}
