// The smallest Ceph cluster that radosgw works on: one monitor, one store in memory, all in the foreground.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, type Running, ready, startProgram } from './processes.ts'

/** The programs that must be on PATH. */
export const radosgwPrograms = [
  'radosgw',
  'radosgw-admin',
  'ceph',
  'ceph-mon',
  'ceph-osd',
  'ceph-authtool',
  'monmaptool',
]

/** Starts the cluster below `root`, the gateway on `port`, and makes one user. */
export async function startCeph(
  place: { readonly root: string; readonly port: number },
  user: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Promise<Running> {
  const { root } = place
  const monitorPort = await freePort()
  const fsid = crypto.randomUUID()
  await Promise.all(['mon', 'osd', 'rgw'].map((name) => mkdir(join(root, name))))
  await writeFile(join(root, 'ceph.conf'), configuration({ ...place, fsid, monitorPort }))
  const env = { CEPH_ARGS: `--conf ${join(root, 'ceph.conf')}` }
  const run = async (program: string, ...words: string[]): Promise<void> => {
    await promisify(execFile)(program, words, { cwd: root, env: { ...process.env, ...env }, timeout: 60_000 })
  }
  const started: Running[] = []
  const start = (program: string, ...words: string[]): Running => {
    const running = startProgram([program, ...words], { cwd: root, env })
    started.unshift(running)
    return running
  }
  const stop = async (): Promise<void> => {
    for (const running of started) await running.stop()
  }
  try {
    await makeKeys(run)
    await run(
      'monmaptool',
      '--create',
      '--fsid',
      fsid,
      '--addv',
      'a',
      `[v2:127.0.0.1:${monitorPort}]`,
      'monmap',
    )
    await run('ceph-mon', '--id', 'a', '--mkfs', '--monmap', 'monmap', '--keyring', 'mon.keyring')
    start('ceph-mon', '-f', '--id', 'a')
    await run('ceph', 'osd', 'create')
    await run('ceph', 'auth', 'add', 'osd.0', 'osd', 'allow *', 'mon', 'allow rwx', '-i', 'osd.keyring')
    await run('ceph-osd', '--id', '0', '--mkfs')
    await run('ceph', 'osd', 'crush', 'add', 'osd.0', '1', 'root=default')
    start('ceph-osd', '-f', '--id', '0')
    const gateway = start('radosgw', '-f', '-n', 'client.rgw')
    await ready('radosgw', gateway, async () => (await fetch(`http://127.0.0.1:${place.port}`)).status > 0)
    const keys = [`--access-key=${user.accessKeyId}`, `--secret-key=${user.secretAccessKey}`]
    const name = ['--uid=tester', '--display-name=tester']
    await run('radosgw-admin', 'user', 'create', ...name, ...keys, '-n', 'client.rgw')
    return { ...gateway, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function makeKeys(run: (program: string, ...words: string[]) => Promise<void>): Promise<void> {
  const tool = (...words: string[]) => run('ceph-authtool', ...words)
  const all = (...parts: string[]) => parts.flatMap((part) => ['--cap', part, 'allow *'])
  await tool('--create-keyring', 'mon.keyring', '--gen-key', '-n', 'mon.', ...all('mon'))
  await tool('--create-keyring', 'keyring', '--gen-key', '-n', 'client.admin', ...all('mon', 'osd', 'mgr'))
  await tool('keyring', '--gen-key', '-n', 'client.rgw', ...all('mon', 'osd'))
  await tool('mon.keyring', '--import-keyring', 'keyring')
  await tool('--create-keyring', 'osd.keyring', '--gen-key', '-n', 'osd.0')
}

type Layout = {
  readonly root: string
  readonly port: number
  readonly fsid: string
  readonly monitorPort: number
}

/** One copy of everything, few placement groups, no waiting for more changes, no housekeeping, no complaints about a full disk. */
const configuration = ({ root, port, fsid, monitorPort }: Layout): string => `[global]
fsid = ${fsid}
mon_host = v2:127.0.0.1:${monitorPort}/0
keyring = ${root}/keyring
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
mon_data_avail_crit = 1
mon_data_avail_warn = 2
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 2147483648
ms_bind_ipv6 = false
run_dir = ${root}
admin_socket = ${root}/$name.asok
log_file = ${root}/$name.log
pid_file = ${root}/$name.pid
[mon.a]
mon_data = ${root}/mon
keyring = ${root}/mon.keyring
mon_cluster_log_file = ${root}/cluster.log
[osd.0]
osd_data = ${root}/osd
keyring = ${root}/osd.keyring
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:${port}
rgw_data = ${root}/rgw
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
rgw_enable_quota_threads = false
rgw_run_sync_thread = false
`
