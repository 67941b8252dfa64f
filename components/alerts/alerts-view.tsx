"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import { alertChannelsQuery, alertRoutesQuery, alertRulesQuery, maintenanceQuery } from "../queries/alerts.ts"
import { Button } from "../ui/button.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { ChannelsTab } from "./channels-tab.tsx"
import { ChannelDialog, MaintenanceDialog, RouteDialog, RuleDialog } from "./dialogs.ts"
import { LogTab } from "./log-tab.tsx"
import { MaintenanceTab } from "./maintenance-tab.tsx"
import { RoutesTab } from "./routes-tab.tsx"
import { RulesTab } from "./rules-tab.tsx"

const TABS = ["rules", "routes", "channels", "maintenance", "log"] as const
type TabName = (typeof TABS)[number]
const NEW: Record<Exclude<TabName, "log">, string> = {
  rules: "New rule",
  routes: "New route",
  channels: "New channel",
  maintenance: "New maintenance",
}

/** What makes incidents, who is told of them, and when nobody is. */
export function AlertsView() {
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("rules"))
  const [adding, setAdding] = useState<TabName | null>(null)
  const rules = useQuery(alertRulesQuery())
  const routes = useQuery(alertRoutesQuery())
  const channels = useQuery(alertChannelsQuery())
  const windows = useQuery(maintenanceQuery())
  const failing = channels.data?.filter(({ failingSince, isActive }) => failingSince !== null && isActive).length ?? 0
  const close = () => setAdding(null)
  return (
    <>
      <PageHeader
        title="Alerts"
        actions={
          tab !== "log" && (
            <Button variant="primary" icon="plus" onClick={() => setAdding(tab)}>
              {NEW[tab]}
            </Button>
          )
        }
      />
      <Tabs value={tab} onValueChange={(value) => void setTab(value as TabName)}>
        <TabList label="Alerts">
          <Tab value="rules" count={rules.data?.length}>
            Rules
          </Tab>
          <Tab value="routes" count={routes.data?.length}>
            Routes
          </Tab>
          <Tab value="channels" count={failing > 0 ? `${failing} failing` : channels.data?.length} isHot={failing > 0}>
            Channels
          </Tab>
          <Tab value="maintenance" count={windows.data?.length}>
            Maintenance
          </Tab>
          <Tab value="log">Log</Tab>
        </TabList>
        <TabPanel value="rules" className="flex flex-col">
          <RulesTab reading={rules} />
        </TabPanel>
        <TabPanel value="routes" className="flex flex-col">
          <RoutesTab reading={routes} onAdd={() => setAdding("routes")} />
        </TabPanel>
        <TabPanel value="channels" className="flex flex-col">
          <ChannelsTab reading={channels} />
        </TabPanel>
        <TabPanel value="maintenance" className="flex flex-col">
          <MaintenanceTab reading={windows} />
        </TabPanel>
        <TabPanel value="log" className="flex flex-col">
          <LogTab channels={channels.data ?? []} />
        </TabPanel>
      </Tabs>
      {adding === "rules" && <RuleDialog rule={null} onClose={close} />}
      {adding === "routes" && <RouteDialog route={null} channels={channels.data ?? []} onClose={close} />}
      {adding === "channels" && <ChannelDialog channel={null} channels={channels.data ?? []} onClose={close} />}
      {adding === "maintenance" && <MaintenanceDialog onClose={close} />}
    </>
  )
}
