# Where the tests run, and what each may count on: namespaces of their own, two ordinary users, an agent, and a look
# after every test at whether anything is left.

import os
import re
import sys

import pytest

import world
from people import Person


def pytest_configure(config):
    """Runs the whole of pytest again in a mount and network namespace of its own, once."""
    config.addinivalue_line("markers", "hostile(numbers…): a hostile case, with its numbers in the list of faults")
    if os.geteuid() != 0:
        pytest.exit("these tests start an agent and need root", returncode=2)
    if world.is_isolated():
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    os.environ[world.STARTED_FROM] = world.own_namespaces()
    words = [sys.executable, "-m", "pytest", *config.invocation_params.args]
    os.chdir(config.invocation_params.dir)
    os.execvp("unshare", ["unshare", "-nm", "--propagation", "private", "--", *words])


def pytest_collection_modifyitems(items):
    """`test_hostile_NN_…` is a hostile case by its name."""
    for item in items:
        if found := re.match(r"test_hostile_(\d\d)_", item.name):
            item.add_marker(pytest.mark.hostile(int(found[1])))


@pytest.fixture(scope="session", autouse=True)
def _world():
    world.furnish()
    yield


@pytest.fixture(autouse=True)
def _bystander(_world, request):
    """Around each hostile case: the host, which has something of everything, is afterwards as it was."""
    if request.node.get_closest_marker("hostile") is None:
        yield
        return
    before = world.host()
    yield
    world.eventually(lambda: world.host() == before, message=lambda: f"{before} became {world.host()}")


@pytest.fixture(scope="session")
def people(_world):
    """Helper processes, one a user: each connects for its user and hands the connected socket over."""
    found = {name: Person(name) for name in ("root", world.ALICE, world.BOB)}
    yield found
    for person in found.values():
        person.end()


@pytest.fixture(scope="module")
def module_agent(people, tmp_path_factory):
    """An agent for the tests of one file."""
    with world.Agent(people) as agent:
        yield agent


@pytest.fixture
def agent(module_agent):
    """The file's agent; after the test everything of it is taken down and nothing may be left."""
    yield module_agent
    module_agent.take_down()
    module_agent.check_nothing_is_left()


@pytest.fixture
def fresh_agent(people):
    """Starts agents with settings of the test's own: `fresh_agent(policy=…)`. The same look afterwards."""
    started = []

    def start(**settings):
        agent = world.Agent(people, **settings)
        agent.start()
        started.append(agent)
        return agent

    yield start
    try:
        for agent in started:
            if agent.is_running:
                agent.take_down()
                agent.check_nothing_is_left()
    finally:
        for agent in started:
            agent.remove()
    assert world.pins() == [], "nothing may stay in /run/netns"


@pytest.fixture
def alice(agent):
    return agent.connect(world.ALICE)


@pytest.fixture
def bob(agent):
    return agent.connect(world.BOB)


@pytest.fixture
def root(agent):
    return agent.connect("root")
